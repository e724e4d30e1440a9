"""Servers to compare with. Each is a complete application."""
