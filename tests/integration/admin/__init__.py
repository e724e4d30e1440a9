"""Administration API and the audit log."""
