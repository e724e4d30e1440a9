"""Baseline servers for the comparison. Each is a complete application."""
