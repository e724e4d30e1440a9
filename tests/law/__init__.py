"""The law of the log: whoever reads nothing but the log knows the tables."""
