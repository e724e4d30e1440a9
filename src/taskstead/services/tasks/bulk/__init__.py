"""Bulk requests: many operations in one request, and one action on all matching tasks."""
