"""The worker: a face without users, which does what is in the queue.

It runs inside each server process, or by itself as ``taskstead worker``. What a kind of job does is
a function in services; which kind is whose is in ``kinds.py``.
"""
