"""Accounts, sessions, passwords, API tokens and invitations.

They do not belong to a workspace and are not in the change log. ``services/audit.py`` records
security events.
"""
