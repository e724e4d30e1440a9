"""Bulk operations and background processing of many tasks."""
