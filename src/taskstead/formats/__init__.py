"""File formats: one codec per format."""
