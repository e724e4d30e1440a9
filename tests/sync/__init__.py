"""Incremental sync, live events and waiting for changes."""
