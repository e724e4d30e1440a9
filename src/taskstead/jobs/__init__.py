"""The job queue, stored in the application's database: enqueue, claim, finish, retry, cancel.

The functions that jobs run are in ``services``; the process that runs them is in ``worker``. The
queue itself is in ``queue.py``.
"""
