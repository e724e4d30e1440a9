"""The REST API, one module per resource: routes parse, call a query or service, and respond."""
