"""SQL expressions and typed statements."""
