"""Listing tasks: filters, order, pagination and search."""
