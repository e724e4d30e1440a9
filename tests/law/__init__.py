"""Change log: the tables can be reconstructed from the log alone, after any writes and undos."""
