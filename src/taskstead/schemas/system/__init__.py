"""Schemas of health checks, jobs and connection pools."""
