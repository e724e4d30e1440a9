"""Storage of the response cache and of rate limit counters: in memory, or in Redis.

Several processes share a Redis. Losing this data is harmless; permanent data is in the database.
"""
