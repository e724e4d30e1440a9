"""Recurrence rules and series."""
