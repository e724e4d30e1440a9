"""Servers that are killed while clients write: what was acknowledged has to be there afterwards."""
