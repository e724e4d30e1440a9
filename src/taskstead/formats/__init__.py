"""File formats and cursors: one codec per format."""
