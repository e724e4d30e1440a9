"""Unit tests of the schemas and of the domain rules that they use, without a server."""
