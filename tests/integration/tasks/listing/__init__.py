"""Listings of tasks: filters, sort keys and pagination."""
