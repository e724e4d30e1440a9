"""Health check of an SQLite file, on a dedicated connection and in a dedicated thread.

If a check fails, it raises ``DatabaseUnavailableError``. The message must not contain anything
confidential, because ``GET /health`` returns it.
"""

import asyncio
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor

from taskstead.db.sqlite.connection import connect_sqlite, is_busy, raise_translated
from taskstead.errors import DatabaseUnavailableError

_BUSY_MS = 500
_HAS_REVISION = "SELECT 1 FROM sqlite_schema WHERE name = 'alembic_version'"
_GET_REVISION = "SELECT version_num FROM alembic_version"
# The database counts as unavailable if another process holds the write lock for this long without a
# commit.
_LOCKED_SECONDS = 5.0


class SqliteHealth:
    """Health check of one file.

    It reads the schema revision. If there was no commit since the last check, it also acquires and
    releases the write lock.

    Args:
        path: the path of the file.
        wait_seconds: how long a write waits for the write lock.
    """

    def __init__(self, path: str, *, wait_seconds: float) -> None:
        self._locked_seconds = min(_LOCKED_SECONDS, wait_seconds)
        # `PRAGMA data_version`, which changes with each commit of another connection.
        self._data_version: int | None = None
        # Time of the first failed attempt to acquire the write lock after the last commit, or None.
        self._locked_since: float | None = None
        # The connection is opened now, because the file at the path may be replaced later.
        self._connection = connect_sqlite(path)
        self._connection.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sqlite-health")

    async def fetch_revision(self) -> str | None:
        """Return the schema revision; see ``DatabaseHealth.fetch_revision``."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._fetch_in_thread)

    def _fetch_in_thread(self) -> str | None:
        try:
            if not self._connection.execute(_HAS_REVISION).fetchone():
                return None
            row = self._connection.execute(_GET_REVISION).fetchone()
            self._check_write_lock()
        except sqlite3.Error as error:
            if is_busy(error):
                raise DatabaseUnavailableError(
                    "Another program has locked the database file."
                ) from error
            raise_translated(error)
        return None if row is None else str(row[0])

    def _check_write_lock(self) -> None:
        """Check that no other process has held the write lock for too long.

        Raises:
            DatabaseUnavailableError: another process has held it for too long.
        """
        (version,) = self._connection.execute("PRAGMA data_version").fetchone()
        if version != self._data_version:
            self._data_version, self._locked_since = version, None
            return
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.execute("ROLLBACK")
        except sqlite3.Error as error:
            if not is_busy(error):
                raise
            now = time.monotonic()
            if self._locked_since is None:
                self._locked_since = now
            elif now - self._locked_since >= self._locked_seconds:
                message = "Another process holds the write lock of the database file."
                raise DatabaseUnavailableError(message) from error
        else:
            self._locked_since = None

    async def close(self) -> None:
        """Close the connection when the check in progress has ended, without waiting for it."""
        self._thread.submit(self._connection.close)
        self._thread.shutdown(wait=False)
