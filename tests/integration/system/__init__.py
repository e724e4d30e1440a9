"""Health, faults of the database file, and `taskstead doctor`."""
