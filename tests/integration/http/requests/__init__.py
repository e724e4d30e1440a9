"""Requests: authorisation, bodies, parameters, methods, the clock, new endpoints and new faces."""
