"""The database engines: one interface, SQLite and PostgreSQL. All dialect differences live here.

Nothing in here knows a table of Taskstead's. Start at ``database.py``.
"""
