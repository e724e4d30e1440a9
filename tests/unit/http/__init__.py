"""Mapping of errors."""
