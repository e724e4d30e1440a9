"""Schemas of administration: user accounts and the audit log."""
