"""What may be lost: counters and answers. In memory, or in Redis for several processes, by URL.

What must not be lost is a row in the database.
"""
