"""Parsing of requests: authentication, parameters, bodies and idempotency keys."""
