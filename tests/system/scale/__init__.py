"""Many clients and many tasks."""
