"""The deprecated to-do APIs."""
