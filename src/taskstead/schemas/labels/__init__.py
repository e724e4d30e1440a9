"""Schemas of categories and tags."""
