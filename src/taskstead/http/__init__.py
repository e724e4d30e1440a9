"""What the HTTP faces share: the caller, problem responses, pages, the request's context."""
