"""Faults and sizes that take too long for every run: `make test-faults`."""
