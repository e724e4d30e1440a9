"""Readers of the change log."""
