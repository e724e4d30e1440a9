"""Tests of what the server tells of itself: logs, metrics, traces."""
