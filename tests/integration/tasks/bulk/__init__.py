"""Bulk requests and background processing of tasks."""
