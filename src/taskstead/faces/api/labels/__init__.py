"""Routes of categories and tags."""
