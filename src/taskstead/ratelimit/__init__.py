"""Storage of rate limit counters: in memory, or in Redis, selected by URL."""
