"""Repeated requests with an `Idempotency-Key`."""
