"""Tables of categories and tags."""
