"""Background jobs: the queue, the worker, and what survives of both."""
