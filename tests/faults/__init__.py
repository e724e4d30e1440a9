"""Fault and size tests that take too long for every run: `make test-faults`."""
