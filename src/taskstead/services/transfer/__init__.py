"""Import and export of tasks, and restores of backups."""
