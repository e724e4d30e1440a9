"""Requests: keys and bodies."""
