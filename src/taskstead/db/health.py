"""Health checks of a database.

They use a dedicated connection outside the pool, so that they do not wait in its queue. This module
selects the engine by the URL. ``sqlite/health.py`` and ``postgresql/health.py`` contain the checks
of each engine.
"""

from collections.abc import Collection
from typing import Protocol

from taskstead.db.factory import get_sqlite_path


class DatabaseHealth(Protocol):
    """Health check of one database."""

    async def fetch_revision(self) -> str | None:
        """Return the schema revision; None for a database without tables.

        Raises:
            DatabaseUnavailableError: the database cannot serve requests. The detail states the
                reason and contains nothing confidential.
        """

    async def close(self) -> None:
        """Close the connection."""


def open_database_health(
    url: str, *, written: Collection[str] = (), wait_seconds: float
) -> DatabaseHealth:
    """Open the health check of a database.

    Args:
        url: in the format of the setting ``database_url``.
        written: the tables that the server must be able to write. Empty for a replica.
        wait_seconds: maximum time that the test write waits for a lock.

    Raises:
        DatabaseUnavailableError: the SQLite file cannot be opened.
    """
    if url.startswith("sqlite:///"):
        from taskstead.db.sqlite.health import SqliteHealth  # noqa: PLC0415 - only the one in use

        return SqliteHealth(get_sqlite_path(url), wait_seconds=wait_seconds)
    from taskstead.db.postgresql.health import PostgresqlHealth  # noqa: PLC0415 - likewise

    return PostgresqlHealth(url, written)
