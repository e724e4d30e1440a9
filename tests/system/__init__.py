"""Tests of running processes that take minutes: `make test-system`."""
