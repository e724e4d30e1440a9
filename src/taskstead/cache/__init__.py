"""Storage of the response cache: in memory, or in Redis, selected by URL.

All processes of a server, and several servers, can share one Redis. The cache may be lost without
harm, because all permanent data is in the database.
"""
