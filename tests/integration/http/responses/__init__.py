"""Responses: ETags, preconditions, the response cache and batch headers."""
