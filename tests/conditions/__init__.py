"""Conditional requests, and answers that are kept."""
