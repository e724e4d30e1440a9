"""Reads of an SQLite file: short reads run in the event loop, long reads run in threads.

A short read takes microseconds, which is less than a switch to a thread. It is not known in advance
which reads are short, so each read begins in the event loop with a time limit. If it exceeds the
limit or has to wait for another process, it is interrupted and repeated in a thread with its own
connection.

The limit applies to the CPU time of the event loop's thread, because a busy machine often suspends
the thread during a short read. Waiting for the disk takes no CPU time. Therefore there is also a
limit for the elapsed time.

Reads that are known to be long (``is_long``) run in a thread from the start. They cannot occupy all
threads, because one thread is reserved for interrupted reads.
"""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from taskstead.db.acquire_timeout import AcquireTimeout
from taskstead.db.lane import Lane
from taskstead.db.sqlite.connection import connect_sqlite, is_busy, raise_translated
from taskstead.observability.query_stats import Meter

Values = Sequence[Any]
Found = list[tuple[Any, ...]]

# Limits of CPU time and elapsed time for a read in the event loop.
_INLINE_CPU_SECONDS = 0.002
_INLINE_SECONDS = 0.05
# Number of SQLite instructions between two checks of the limits. They take about 20 microseconds.
_INSTRUCTIONS = 1000
_MAX_LONG_READS = 2
_THREADS = _MAX_LONG_READS + 1


class SqliteReader:
    """Reads committed data of an SQLite file.

    Args:
        path: the database file.
        wait_seconds: maximum time that a read in a thread waits for another process. It is also the
            stall timeout of the queue for long reads (see ``db/acquire_timeout.py``).
        queue_seconds: maximum wait in that queue while it makes progress.
        meter: the statistics in which statements and waits are counted.
        inline_seconds: the limit of elapsed time for a read in the event loop.
        connect: opens a connection.

    Attributes:
        long_reads: limits how many threads long reads occupy.
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
        acquire_timeout = AcquireTimeout(wait_seconds=wait_seconds, queue_seconds=queue_seconds)
        self.long_reads = Lane(_MAX_LONG_READS, acquire_timeout=acquire_timeout, meter=meter)
        self._inline_seconds = inline_seconds
        self._cpu_deadline = 0.0
        self._deadline = 0.0
        self._connection = connect(path)
        self._connection.set_progress_handler(self._has_exceeded_limit, _INSTRUCTIONS)
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="sqlite-read")
        # There is one connection per thread, so a read in a thread always finds an idle connection.
        self._idle = [connect(path) for _ in range(_THREADS)]
        for connection in self._idle:
            # These connections may wait, because waiting in a thread does not block the event loop.
            connection.execute(f"PRAGMA busy_timeout = {round(wait_seconds * 1000)}")

    async def read(self, sql: str, values: Values, *, is_long: bool = False) -> Found:
        """Return all rows.

        Args:
            sql: the statement.
            values: its parameters.
            is_long: whether the read is known to be long, so that it runs in a thread.

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
            # In WAL mode, a read is busy only while another process recovers the WAL.
            if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_INTERRUPT:
                self.interrupted += 1
            elif not is_busy(error):
                raise_translated(error)
        return await self._start_in_thread(sql, values)

    async def _read_long(self, sql: str, values: Values) -> Found:
        reading = self._start_in_thread(sql, values)
        # If the caller is cancelled, the slot stays in use until the thread is free.
        reading.add_done_callback(self._end_long_read)
        return await asyncio.shield(reading)

    def _read_inline(self, sql: str, values: Values) -> Found:
        self._cpu_deadline = time.thread_time() + _INLINE_CPU_SECONDS
        self._deadline = time.perf_counter() + self._inline_seconds
        return self._connection.execute(sql, values).fetchall()

    def _has_exceeded_limit(self) -> bool:
        return time.thread_time() > self._cpu_deadline or time.perf_counter() > self._deadline

    def _start_in_thread(self, sql: str, values: Values) -> asyncio.Future[Found]:
        loop = asyncio.get_running_loop()
        return loop.run_in_executor(self._threads, self._read_in_thread, sql, values)

    def _end_long_read(self, reading: asyncio.Future[Found]) -> None:
        if not reading.cancelled() and reading.exception() is None:
            self.long_reads.acquire_timeout.note_progress()
        self.long_reads.release()

    def _read_in_thread(self, sql: str, values: Values) -> Found:
        connection = self._idle.pop()
        try:
            return connection.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise_translated(error)
        finally:
            self._idle.append(connection)

    def close(self) -> None:
        """Wait for the current reads and close the connections."""
        self._threads.shutdown()
        for connection in (self._connection, *self._idle):
            connection.close()
