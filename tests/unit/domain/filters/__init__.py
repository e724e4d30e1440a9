"""Unit tests of the filter language."""
