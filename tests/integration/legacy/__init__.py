"""The earlier to-do APIs."""
