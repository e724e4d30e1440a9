"""Routes of administration: accounts, audit log, jobs and metrics."""
