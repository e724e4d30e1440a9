"""Workspaces and their members. ``trash.py`` deletes and restores workspaces."""
