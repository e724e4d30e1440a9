"""Queries of workspaces and their members."""
