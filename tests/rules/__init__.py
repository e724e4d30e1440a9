"""Checks of the source text: project rules that no linter covers."""
