"""The REST API, one module per resource.

A route authenticates the principal, parses the request, calls a query or a service, and builds the
response.
"""
