"""File formats, cursors and rendering."""
