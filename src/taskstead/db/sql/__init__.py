"""SQL of both dialects: compiled statements, functions, column types, full-text search.

It contains the differences between the dialects. The engines execute the statements.
"""
