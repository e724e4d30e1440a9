"""The tables: names, columns, keys, indexes, as SQLAlchemy Core. No statement and no rule.

Every row that belongs to a workspace carries ``workspace_id`` first in its primary key and in each
index, so that a database can be sharded by it. Ids are text in Python, see ``db/types.py``.
"""
