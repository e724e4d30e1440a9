"""Schemas of the change log: activity, sync, events and undo."""
