"""Requests: keys, bodies and routes."""
