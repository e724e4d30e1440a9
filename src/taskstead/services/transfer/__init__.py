"""Import and export of tasks, export of accounts, and restores of backups."""
