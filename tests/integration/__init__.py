"""Tests of the whole application with a real database, in the areas of the source."""
