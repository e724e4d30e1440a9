"""Generated clients of the OpenAPI document, used with a real server: `make test-clients`."""
