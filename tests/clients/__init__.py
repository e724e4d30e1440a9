"""Clients that generators make of the OpenAPI document, on a real server: `make test-clients`."""
