"""Schemas of accounts, sessions, invitations and API tokens."""
