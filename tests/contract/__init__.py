"""API contract: the server behaves as the OpenAPI document says."""
