"""Reading an SQLite file: inline while it is quick, in a thread when it is not.

A short read takes microseconds, less than handing it to a thread. Which reads are short is not
known in advance, so each gets a short time in the event loop. One that takes longer, or has to wait
for another process, is interrupted and repeated in a thread, on a connection of its own.

The time is CPU time of the event loop's thread: on a busy machine the thread is often suspended
during a read that is short. Waiting for the disk costs no CPU time, so there is a generous limit of
elapsed time as well.

Long reads, which are known to take long, may not occupy all the threads: there is always one for
reads that were interrupted.
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
# How many of SQLite's instructions are run between two looks at the clocks: some 20 microseconds.
_INSTRUCTIONS = 1000
_LONG_READS = 2
_THREADS = _LONG_READS + 1


class SqliteReader:
    """Reads what is committed.

    Args:
        path: of the file.
        wait_seconds: how long a read in a thread waits for another process, and how long the queue
            of long reads may stand still.
        queue_seconds: the longest wait in that queue while it moves.
        meter: counts statements and waits.
        inline_seconds: the limit of elapsed time for a read in the event loop.
        connect: opens a connection.

    Attributes:
        long_reads: the threads that long reads may occupy.
        interrupted: how many reads were interrupted in the event loop.
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
        # One for each thread, so that a read in one always finds one.
        self._free = [connect(path) for _ in range(_THREADS)]
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
        if is_long:
            await self.long_reads.acquire()
        began = time.perf_counter()
        try:
            return await (self._read_long if is_long else self._read_short)(sql, values)
        finally:
            self._meter.note_statement(sql, began)

    def get_data_version(self) -> object:
        """Return what changes with every commit of another connection (sqlite.org, data_version).

        Raises:
            DatabaseBusyError, DatabaseUnavailableError: as ``Reader`` says.
        """
        try:
            return self._read_inline("PRAGMA data_version", ())
        except sqlite3.Error as error:
            raise_translated(error)

    async def _read_short(self, sql: str, values: Values) -> Found:
        try:
            return self._read_inline(sql, values)
        except sqlite3.Error as error:
            # Readers never wait for writers, only for a process that recovers the WAL.
            if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_INTERRUPT:
                self.interrupted += 1
            elif not is_busy(error):
                raise_translated(error)
        return await self._read_aside(sql, values)

    async def _read_long(self, sql: str, values: Values) -> Found:
        reading = self._read_aside(sql, values)
        # The place of a caller that is cancelled stays taken until the thread is free.
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
        """Close the connections, after the reads under way."""
        self._threads.shutdown()
        for connection in (self._connection, *self._free):
            connection.close()
