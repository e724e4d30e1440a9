"""Routes of the change log: activity, sync, live events and undo."""
