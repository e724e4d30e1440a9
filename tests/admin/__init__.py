"""Administration API: accounts, jobs of the server and the audit log."""
