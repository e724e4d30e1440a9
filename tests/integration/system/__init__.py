"""Health, lost or damaged database files, and `taskstead doctor`."""
