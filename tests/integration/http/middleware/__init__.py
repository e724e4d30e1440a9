"""Middleware: security headers, rate limits, compression and slow clients."""
