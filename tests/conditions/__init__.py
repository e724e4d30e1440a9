"""Conditional requests (ETag, If-Match, If-None-Match) and the response cache."""
