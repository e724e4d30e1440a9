"""Tasks: create, update, move, trash, restore, purge, list and count.

``create.py`` and ``update.py`` write any number of tasks with a handful of statements.
"""
