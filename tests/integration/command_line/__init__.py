"""Tests of the commands that use the API."""
