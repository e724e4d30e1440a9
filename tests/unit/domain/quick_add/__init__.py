"""Unit tests of quick add."""
