"""Table definitions in SQLAlchemy Core: columns, keys and indexes. No statements, no logic.

In a table of workspace data, ``workspace_id`` is the first column of the primary key and of every
index, so that a database can be sharded by workspace. Ids are ``str`` in Python; see
``db/types.py``.
"""
