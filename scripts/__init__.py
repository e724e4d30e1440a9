"""Helpers of the Makefile, on the standard library alone. Nothing here is part of the server."""
