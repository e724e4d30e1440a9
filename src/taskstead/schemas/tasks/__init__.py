"""Schemas of tasks."""
