"""Schemas of requests and responses, and file formats. No database access, no HTTP."""
