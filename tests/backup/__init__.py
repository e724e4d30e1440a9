"""Backups: what comes back is what was there, on either engine."""
