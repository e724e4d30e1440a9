"""The change log: its invariants after each service function and under random sequences."""
