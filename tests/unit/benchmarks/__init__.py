"""The benchmark, without load."""
