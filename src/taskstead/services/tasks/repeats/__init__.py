"""Repeating tasks: their fields, the end of occurrences, and listings of occurrences."""
