"""Administrators: accounts, jobs, the audit log."""
