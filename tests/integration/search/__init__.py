"""Full-text search and its vocabulary."""
