"""Repeating tasks: rules of RFC 5545, and the next occurrence of a series."""
