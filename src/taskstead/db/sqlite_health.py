"""Health of an SQLite file, asked on a connection and in a thread of its own.

A file that cannot be served for a reason of its own: raise ``DatabaseUnavailableError`` here with a
sentence that may be shown to anybody.
"""

import asyncio
import sqlite3
from concurrent.futures import ThreadPoolExecutor

from taskstead.db.sqlite_connection import connect_sqlite, is_busy, raise_translated
from taskstead.errors import DatabaseUnavailableError

_BUSY_MS = 500
_HAS_REVISION = "SELECT 1 FROM sqlite_schema WHERE name = 'alembic_version'"
_GET_REVISION = "SELECT version_num FROM alembic_version"


class SqliteHealth:
    """Reads the file."""

    def __init__(self, path: str) -> None:
        # Opened at once: later the path may lead to another file than the server's.
        self._connection = connect_sqlite(path)
        self._connection.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sqlite-health")

    async def ask(self) -> str | None:
        """Return the schema revision; see ``DatabaseHealth.ask``."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._read)

    def _read(self) -> str | None:
        try:
            if not self._connection.execute(_HAS_REVISION).fetchone():
                return None
            row = self._connection.execute(_GET_REVISION).fetchone()
        except sqlite3.Error as error:
            if is_busy(error):
                raise DatabaseUnavailableError(
                    "Another program has locked the database file."
                ) from error
            raise_translated(error)
        return None if row is None else str(row[0])

    async def close(self) -> None:
        """Close the connection after the read under way, without waiting for it."""
        self._thread.submit(self._connection.close)
        self._thread.shutdown(wait=False)
