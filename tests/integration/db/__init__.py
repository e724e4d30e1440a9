"""The engines: transactions, group commit, the pool, faults and migrations."""
