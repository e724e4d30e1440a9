"""What the server tells of itself: logs, metrics, traces. Nothing here knows what a task is."""
