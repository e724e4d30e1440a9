"""The REST API, version 1. Areas are packages, resources are modules.

A route authenticates the principal, parses the request, calls one use case or query, and builds the
response.
"""
