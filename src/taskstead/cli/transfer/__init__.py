"""The commands for backup, import and export."""
