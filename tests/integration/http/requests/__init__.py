"""Requests: authorisation, bodies, parameters, methods and the clock."""
