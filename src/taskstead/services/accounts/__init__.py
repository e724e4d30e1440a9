"""Accounts, sessions, API tokens and invitations."""
