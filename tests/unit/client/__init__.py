"""Unit tests of the client library."""
