"""Routes of accounts, sessions, API tokens and invitations."""
