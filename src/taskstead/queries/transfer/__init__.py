"""Queries of exports and backups."""
