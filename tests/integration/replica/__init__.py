"""Reads from a replica that lags, cancels reads, hangs or is unreachable."""
