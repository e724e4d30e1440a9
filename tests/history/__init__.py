"""History, undo and compaction of the change log."""
