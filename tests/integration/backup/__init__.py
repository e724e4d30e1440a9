"""Backups, restored on the other engine."""
