"""SQL of both dialects: statements, functions, column types and full-text search."""
