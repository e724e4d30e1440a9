"""Tests of the source text itself: the rules of the house that no linter knows."""
