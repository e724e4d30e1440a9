"""Storage of the response cache and of rate limit counters: in memory, or in Redis.

All processes of a server, and several servers, can share one Redis. This data may be lost without
harm, because all permanent data is in the database.
"""
