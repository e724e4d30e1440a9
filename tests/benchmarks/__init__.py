"""The benchmark's own functions, without load."""
