"""The job queue, stored in the application's database: enqueue, claim, finish, retry, cancel.

The functions that jobs run are in ``services``. The process that runs them is in ``faces/worker``.
The queue itself is in ``queue.py``.
"""
