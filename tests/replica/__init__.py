"""Reads from a streaming replica: what was acknowledged is seen, however far behind it is."""
