"""Test suite of Taskstead. Helpers that only one folder uses are in that folder."""
