"""SQLite reads: short ones inline in the event loop, long ones in a thread."""

import asyncio
import itertools
import math
import sqlite3
import threading
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Select, column, func, select, table

from taskstead.db.database import Database
from taskstead.db.factory import get_sqlite_path
from taskstead.db.sqlite.connection import connect_sqlite
from taskstead.db.sqlite.reader import SqliteReader
from taskstead.errors import DatabaseBusyError
from taskstead.observability.query_stats import Meter
from tests.harness.untyped import untyped
from tests.integration.db.locks import REBUILD_SCRIPT, locking, ticking, wait_for_ticks
from tests.integration.db.things import (
    INSERT_NAMED,
    add_thing,
    count_things,
    list_names,
    make_thing,
    opened,
    things,
)

pytestmark = pytest.mark.engines("sqlite")

COUNT = 120
# The cross product of three tables takes a tenth of a second, many times the limit for inline
# reads.
_A, _B, _C = (things.alias(name) for name in "abc")
LONG: Select[Any] = select(func.count().label("count")).where(
    _A.c.number + _B.c.number + _C.c.number >= 0
)
RESULT = [{"count": COUNT**3}]


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    """A database with enough rows for a long read."""
    async with opened(url, wait=30) as database:
        async with database.transaction() as transaction:
            rows = [make_thing(str(number), number) for number in range(COUNT)]
            await transaction.execute_many(INSERT_NAMED, rows)
        yield database


@pytest.mark.parametrize("is_long", [False, True])
async def test_long_read_does_not_block_the_loop(database: Database, is_long: bool) -> None:  # noqa: FBT001
    read = asyncio.create_task(database.fetch_all(untyped(LONG), {}, is_long=is_long))
    turns = 0
    while not read.done():
        await asyncio.sleep(0)
        turns += 1
    assert await read == RESULT
    # An inline read would have allowed a single tick.
    assert turns >= 10
    if not is_long:
        assert await database.fetch_one(untyped(LONG), {}) == RESULT[0]


async def test_many_long_reads_with_short_reads_and_writes(database: Database) -> None:
    reads = [asyncio.create_task(database.fetch_all(untyped(LONG), {})) for _ in range(6)]
    for number in range(10):
        await asyncio.sleep(0.002)
        assert await count_things(database) == COUNT + number
        # The written numbers are outside the range of the reads.
        await add_thing(database, f"more {number}", -(10**6))
    for found in await asyncio.gather(*reads):
        assert found == RESULT


async def test_cancelled_long_reads_do_not_affect_others(database: Database) -> None:
    reads = [asyncio.create_task(database.fetch_all(untyped(LONG), {})) for _ in range(4)]
    await asyncio.sleep(0)  # they start
    for read in reads[:3]:
        read.cancel()
    results = await asyncio.gather(*reads, return_exceptions=True)
    assert [type(result) for result in results[:3]] == [asyncio.CancelledError] * 3
    assert results[3] == RESULT
    assert len(await list_names(database)) == COUNT


async def test_error_in_a_long_read_propagates(database: Database) -> None:
    missing: Select[Any] = select(column("absent")).select_from(table("nowhere"))
    with pytest.raises(Exception, match="nowhere"):
        await database.fetch_all(untyped(missing), {}, is_long=True)
    assert await database.fetch_all(untyped(LONG), {}, is_long=True) == RESULT


@pytest.mark.parametrize("is_long", [False, True])
async def test_long_reads_wait_for_a_rebuild_of_the_wal_index(
    database: Database,
    url: str,
    is_long: bool,  # noqa: FBT001
) -> None:
    # This opens the connections of the threads.
    await asyncio.gather(*(database.fetch_all(untyped(LONG), {}, is_long=True) for _ in range(4)))
    with locking(Path(url.removeprefix("sqlite:///")), program=REBUILD_SCRIPT) as mender:
        reads = [
            asyncio.create_task(database.fetch_all(untyped(LONG), {}, is_long=is_long))
            for _ in range(3)
        ]
        async with ticking() as ticks:
            await wait_for_ticks(ticks, 10)
        assert not any(read.done() for read in reads)
        mender.kill()
    assert await asyncio.gather(*reads) == [RESULT] * 3


async def test_long_reads_wait_for_a_bounded_time(url: str) -> None:
    async with opened(url, wait=0.1) as database:
        await add_thing(database, "a")
        assert len(await database.fetch_all(untyped(LONG), {}, is_long=True)) == 1
        with (
            locking(Path(url.removeprefix("sqlite:///")), program=REBUILD_SCRIPT),
            pytest.raises(DatabaseBusyError),
        ):
            await database.fetch_all(untyped(LONG), {}, is_long=True)
        assert await database.fetch_all(untyped(LONG), {}, is_long=True) == [{"count": 1}]


# Some thousands of SQLite instructions: many checks of the clocks and little CPU time.
_FEW_ROWS = "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 500) "


class Readers:
    """A reader whose statements can be blocked.

    In its threads, the SQL function ``hold()`` waits until ``release`` is called. In the event
    loop, ``nap()`` takes ten milliseconds of elapsed time and almost no CPU time.
    """

    def __init__(self, url: str, *, inline_seconds: float) -> None:
        self._is_free = threading.Event()
        self._number = itertools.count()
        self.reader = SqliteReader(
            get_sqlite_path(url),
            wait_seconds=60,
            queue_seconds=60,
            meter=Meter(),
            inline_seconds=inline_seconds,
            connect=self._connect,
        )

    def _connect(self, path: str) -> sqlite3.Connection:
        connection = connect_sqlite(path)
        if next(self._number) == 0:
            connection.create_function("nap", 0, lambda: time.sleep(0.01))
        else:
            connection.create_function("hold", 0, self._is_free.wait)
        return connection

    def start_long(self) -> asyncio.Task[list[tuple[Any, ...]]]:
        """Start a long read that blocks."""
        return asyncio.create_task(self.reader.read("SELECT hold()", (), is_long=True))

    def release(self) -> None:
        """Let blocked reads continue."""
        self._is_free.set()


async def test_long_reads_leave_a_thread_to_interrupted_ones(url: str) -> None:
    readers = Readers(url, inline_seconds=0)
    lane = readers.reader.long_reads
    long_reads = [readers.start_long() for _ in range(6)]
    try:
        await asyncio.sleep(0)
        assert (lane.in_use, lane.waiting) == (2, 4)
        for number in range(1, 4):
            found = await readers.reader.read(f"{_FEW_ROWS} SELECT max(i) FROM n", ())
            assert found == [(500,)]
            assert readers.reader.interrupted == number
        assert not any(read.done() for read in long_reads)
    finally:
        readers.release()
    assert await asyncio.gather(*long_reads) == [[(1,)]] * 6
    assert (lane.in_use, lane.waiting) == (0, 0)
    readers.reader.close()


async def test_cancelled_long_read_keeps_its_slot_while_running(url: str) -> None:
    readers = Readers(url, inline_seconds=math.inf)
    lane = readers.reader.long_reads
    reads = [readers.start_long() for _ in range(3)]
    try:
        await asyncio.sleep(0)
        for read in reads[:2]:
            read.cancel()
        await asyncio.wait(reads[:2])
        assert (lane.in_use, lane.waiting) == (2, 1)
    finally:
        readers.release()
    assert await reads[2] == [(1,)]
    # The thread of a cancelled read may end after the third read.
    async with asyncio.timeout(30):
        while lane.in_use:  # noqa: ASYNC110 - no event to wait for
            await asyncio.sleep(0.001)
    readers.reader.close()


async def test_only_cpu_time_makes_a_read_long(url: str) -> None:
    readers = Readers(url, inline_seconds=math.inf)
    # The threads' connections do not have this function, so the read must have run inline.
    found = await readers.reader.read(
        f"{_FEW_ROWS} SELECT max(i) FROM n WHERE (SELECT nap()) IS NULL", ()
    )
    assert found == [(500,)]
    assert readers.reader.interrupted == 0
    readers.reader.close()
