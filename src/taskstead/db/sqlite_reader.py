"""Reads of an SQLite file: short ones in the event loop, long ones in threads.

A short read takes microseconds, less than a switch to a thread. It is not known in advance which
reads are short, so each runs in the event loop with a time limit. If it exceeds the limit, or has
to wait for another process, it is interrupted and repeated in a thread with its own connection.

The limit is CPU time of the event loop's thread, because a busy machine often suspends the thread
during a short read. Waiting for the disk takes no CPU time, so there is also a limit of elapsed
time.

Reads that are known to be long (``is_long``) go to a thread at once. They cannot occupy all
threads: one is reserved for interrupted reads.
"""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from taskstead.db.lane import Lane
from taskstead.db.patience import AcquireTimeout
from taskstead.db.sqlite_connection import connect_sqlite, is_busy, raise_translated
from taskstead.telemetry.statements import Meter

Values = Sequence[Any]
Found = list[tuple[Any, ...]]

_INLINE_CPU_SECONDS = 0.002
_INLINE_SECONDS = 0.05
# SQLite instructions between two checks of the clocks: about 20 microseconds.
_INSTRUCTIONS = 1000
_LONG_READS = 2
_THREADS = _LONG_READS + 1


class SqliteReader:
    """Reads committed data.

    Args:
        path: the database file.
        wait_seconds: how long a read in a thread waits for another process, and the acquire timeout
            of long reads without progress.
        queue_seconds: the acquire timeout of long reads with progress.
        meter: counts statements and waits.
        inline_seconds: the limit of elapsed time for a read in the event loop.
        connect: opens a connection.

    Attributes:
        long_reads: limits the threads that long reads occupy.
        interrupted: the number of reads that were interrupted in the event loop.
    """

    def __init__(
        self,
        path: str,
        *,
        wait_seconds: float,
        queue_seconds: float,
        meter: Meter,
        inline_seconds: float = _INLINE_SECONDS,
        connect: Callable[[str], sqlite3.Connection] = connect_sqlite,
    ) -> None:
        self.interrupted = 0
        self._meter = meter
        patience = AcquireTimeout(wait_seconds=wait_seconds, queue_seconds=queue_seconds)
        self.long_reads = Lane(_LONG_READS, patience=patience, meter=meter)
        self._inline_seconds = inline_seconds
        self._cpu_deadline = 0.0
        self._deadline = 0.0
        self._connection = connect(path)
        self._connection.set_progress_handler(self._is_too_late, _INSTRUCTIONS)
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="sqlite-read")
        # One per thread, so a read in a thread always finds a free one.
        self._free = [connect(path) for _ in range(_THREADS)]
        for connection in self._free:
            # Waiting in a thread does not block the event loop.
            connection.execute(f"PRAGMA busy_timeout = {round(wait_seconds * 1000)}")

    async def read(self, sql: str, values: Values, *, is_long: bool = False) -> Found:
        """Return all rows.

        Args:
            sql: the statement.
            values: its parameters.
            is_long: it is known to be long, so it goes to a thread at once.

        Raises:
            DatabaseBusyError, DatabaseUnavailableError: see ``Reader``.
        """
        if is_long:
            await self.long_reads.acquire()
        began = time.perf_counter()
        try:
            return await (self._read_long if is_long else self._read_short)(sql, values)
        finally:
            self._meter.note_statement(sql, began)

    def get_data_version(self) -> object:
        """Return a value that changes with each commit of another connection (``data_version``).

        Raises:
            DatabaseBusyError, DatabaseUnavailableError: see ``Reader``.
        """
        try:
            return self._read_inline("PRAGMA data_version", ())
        except sqlite3.Error as error:
            raise_translated(error)

    async def _read_short(self, sql: str, values: Values) -> Found:
        try:
            return self._read_inline(sql, values)
        except sqlite3.Error as error:
            # In WAL mode, readers wait only for a process that recovers the WAL.
            if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_INTERRUPT:
                self.interrupted += 1
            elif not is_busy(error):
                raise_translated(error)
        return await self._read_aside(sql, values)

    async def _read_long(self, sql: str, values: Values) -> Found:
        reading = self._read_aside(sql, values)
        # If the caller is cancelled, the slot stays in use until the thread is free.
        reading.add_done_callback(self._end_long_read)
        return await asyncio.shield(reading)

    def _read_inline(self, sql: str, values: Values) -> Found:
        self._cpu_deadline = time.thread_time() + _INLINE_CPU_SECONDS
        self._deadline = time.perf_counter() + self._inline_seconds
        return self._connection.execute(sql, values).fetchall()

    def _is_too_late(self) -> bool:
        return time.thread_time() > self._cpu_deadline or time.perf_counter() > self._deadline

    def _read_aside(self, sql: str, values: Values) -> asyncio.Future[Found]:
        loop = asyncio.get_running_loop()
        return loop.run_in_executor(self._threads, self._read_in_thread, sql, values)

    def _end_long_read(self, reading: asyncio.Future[Found]) -> None:
        if not reading.cancelled() and reading.exception() is None:
            self.long_reads.patience.note_move()
        self.long_reads.release()

    def _read_in_thread(self, sql: str, values: Values) -> Found:
        connection = self._free.pop()
        try:
            return connection.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise_translated(error)
        finally:
            self._free.append(connection)

    def close(self) -> None:
        """Wait for the current reads and close the connections."""
        self._threads.shutdown()
        for connection in (self._connection, *self._free):
            connection.close()
