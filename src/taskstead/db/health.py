"""Asks a database whether it can serve, on a connection of its own: no queue delays it.

The engine is picked by URL here. What keeps an engine from serving is found in
``sqlite_health.py`` and ``postgresql_health.py``.
"""

from collections.abc import Collection
from typing import Protocol

from taskstead.db.opening import get_sqlite_path


class DatabaseHealth(Protocol):
    """The health of one database."""

    async def ask(self) -> str | None:
        """Return the schema revision; None for a database without tables.

        Raises:
            DatabaseUnavailableError: the database cannot serve. The detail says why, and may be
                shown to anybody.
        """

    async def close(self) -> None:
        """Close the connection."""


def open_database_health(url: str, *, written: Collection[str] = ()) -> DatabaseHealth:
    """Open the health of the database that a URL names.

    Args:
        url: as the setting ``database_url`` takes it.
        written: the tables that the server has to be able to write; none for a replica.

    Raises:
        DatabaseUnavailableError: the SQLite file cannot be opened.
    """
    if url.startswith("sqlite:///"):
        from taskstead.db.sqlite_health import SqliteHealth  # noqa: PLC0415 - only the one in use

        return SqliteHealth(get_sqlite_path(url))
    from taskstead.db.postgresql_health import PostgresqlHealth  # noqa: PLC0415 - likewise

    return PostgresqlHealth(url, written)
