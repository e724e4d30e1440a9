"""Reading an SQLite file: inline while it is quick, in a thread when it is not.

A short read takes microseconds, less than handing it to a thread. Which reads are short cannot be
told beforehand, so each gets a short time in the event loop; one that takes longer, or has to wait
for another process, is interrupted and done again in a thread, on a connection of its own.
"""

import asyncio
import sqlite3
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from taskstead.db.sqlite_connection import connect_sqlite, is_busy, raise_translated

Values = Sequence[Any]
Found = list[tuple[Any, ...]]

_INLINE_SECONDS = 0.002
# How many of SQLite's instructions are run between two looks at the clock: some 20 microseconds.
_INSTRUCTIONS = 1000
_THREADS = 2


class SqliteReader:
    """Reads what is committed."""

    def __init__(self, path: str, *, wait_seconds: float) -> None:
        self._deadline = 0.0
        self._connection = connect_sqlite(path)
        self._connection.set_progress_handler(self._is_too_late, _INSTRUCTIONS)
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="sqlite-read")
        # One for each thread, so that a read in one always finds one.
        self._free = [connect_sqlite(path) for _ in range(_THREADS)]
        for connection in self._free:
            # In a thread, nobody else waits while it waits.
            connection.execute(f"PRAGMA busy_timeout = {round(wait_seconds * 1000)}")

    async def read(self, sql: str, values: Values, *, is_long: bool = False) -> Found:
        """Return all rows.

        Args:
            sql: the statement.
            values: its parameters.
            is_long: whether it is known to take long; then it is not tried inline.

        Raises:
            DatabaseBusyError, DatabaseUnavailableError: as ``Reader`` says.
        """
        if not is_long:
            try:
                return self._read_inline(sql, values)
            except sqlite3.Error as error:
                # Readers wait for writers never, but for whoever mends the WAL after a crash.
                is_late = getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_INTERRUPT
                if not is_late and not is_busy(error):
                    raise_translated(error)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._read_in_thread, sql, values)

    def _read_inline(self, sql: str, values: Values) -> Found:
        self._deadline = time.perf_counter() + _INLINE_SECONDS
        return self._connection.execute(sql, values).fetchall()

    def _is_too_late(self) -> bool:
        return time.perf_counter() > self._deadline

    def _read_in_thread(self, sql: str, values: Values) -> Found:
        connection = self._free.pop()
        try:
            return connection.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise_translated(error)
        finally:
            self._free.append(connection)

    def close(self) -> None:
        """Close the connections, after the reads under way."""
        self._threads.shutdown()
        for connection in (self._connection, *self._free):
            connection.close()
