"""JSON representation of rows."""
