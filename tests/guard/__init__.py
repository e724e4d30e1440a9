"""Middleware for servers on the internet: rate limits, security headers, compression, timeouts."""
