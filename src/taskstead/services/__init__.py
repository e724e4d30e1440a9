"""Every change of state: one function, one transaction, one batch in the log."""
