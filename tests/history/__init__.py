"""History, undo, and how long the log is kept."""
