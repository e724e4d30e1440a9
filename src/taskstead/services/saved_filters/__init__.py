"""Saved filters: list, create, update, move and trash, and renames of the names in them."""
