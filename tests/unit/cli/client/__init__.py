"""Unit tests of the commands that use the API."""
