"""Queries of jobs and of consistency checks."""
