"""Response cache."""
