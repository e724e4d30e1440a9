"""Tests of repeating tasks."""
