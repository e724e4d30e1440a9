"""Writes and reads of tasks."""
