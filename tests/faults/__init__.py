"""Faults and sizes that take too long for every run: `make test ARGS="-m faults"`."""
