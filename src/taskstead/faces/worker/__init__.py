"""The worker: runs the background jobs of the queue (``jobs/queue.py``).

A worker runs inside each server process, or as a process of its own (``taskstead worker``).
``registry.py`` maps each kind of job to the function in ``services`` that runs it.
"""
