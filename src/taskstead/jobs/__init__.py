"""The queue of background jobs, in the same database: enqueue, claim, hold, finish, retry.

What a job does is not here but in services; who runs it is the worker. Start at ``queue.py``.
"""
