"""Queues and pacing."""
