"""Database access: one interface with two engines, SQLite and PostgreSQL.

All differences between the dialects are in this package. ``database.py`` defines the interface.
"""
