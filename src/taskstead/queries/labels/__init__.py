"""Queries of categories and tags."""
