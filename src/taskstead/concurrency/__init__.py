"""Cooperative scheduling in the event loop: yields, pacing and fair queues."""
