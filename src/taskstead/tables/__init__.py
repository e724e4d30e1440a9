"""Table definitions in SQLAlchemy Core: columns, keys and indexes. No statements, no logic.

The type of the rows of a table (a ``TypedDict``), and the types derived from it, follow the table.

In a table of workspace data, ``workspace_id`` is the first column of the primary key and of every
index, so that a database can be sharded by workspace. An id is a UUID in the database and a
``str`` in Python (``db/sql/types.py``).
"""
