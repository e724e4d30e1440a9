"""The change log: undo and compaction."""
