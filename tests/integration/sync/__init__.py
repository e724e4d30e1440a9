"""Sync, live events and long polling."""
