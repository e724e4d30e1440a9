"""History, undo and retention of the change log."""
