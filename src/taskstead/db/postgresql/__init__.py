"""The PostgreSQL engine: asyncpg with a connection pool of fixed size.

``database.py`` implements ``db/database.py``. ``replica.py`` routes reads to a replica.
"""
