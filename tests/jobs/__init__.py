"""Background jobs: queue, worker, housekeeping and recovery."""
