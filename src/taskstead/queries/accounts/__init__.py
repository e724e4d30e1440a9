"""Queries of accounts, API tokens and principals."""
