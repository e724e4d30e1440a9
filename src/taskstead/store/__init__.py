"""What may be lost: counters. In memory, or in Redis for several processes, chosen by URL.

What must not be lost is a row in the database.
"""
