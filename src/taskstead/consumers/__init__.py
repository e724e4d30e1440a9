"""Readers of the change log that act on new changes, such as the event broker."""
