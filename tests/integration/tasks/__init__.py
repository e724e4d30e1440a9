"""Tasks: fields, order, trees, trash and statistics."""
