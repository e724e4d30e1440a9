"""What the HTTP faces share: the principal, problem responses, pages, the request's context."""
