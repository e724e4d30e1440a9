"""Queries for tasks."""
