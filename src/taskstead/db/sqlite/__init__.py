"""The SQLite engine: short reads in the event loop, and one writer with group commit.

``database.py`` implements ``db/database.py``.
"""
