"""The contract: what the OpenAPI document says is what the server does."""
