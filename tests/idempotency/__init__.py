"""Idempotency keys: requests repeated with the same ``Idempotency-Key``."""
