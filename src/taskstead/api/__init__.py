"""The REST API: parse, call a query or a service, choose the status. One module per noun."""
