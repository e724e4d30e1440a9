"""Reads of an SQLite file: a short one inline, a long one in a thread."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Select, column, func, select, table

from taskstead.db.database import Database
from taskstead.errors import DatabaseBusyError
from tests.db.locks import MENDER, locking, see_ticks, ticking
from tests.db.things import (
    INSERT_NAMED,
    add_thing,
    count_things,
    list_names,
    make_thing,
    opened,
    things,
)

COUNT = 120
# Every thing with every thing with every thing: a tenth of a second, many times the limit.
_A, _B, _C = (things.alias(name) for name in "abc")
LONG: Select[Any] = select(func.count().label("count")).where(
    _A.c.number + _B.c.number + _C.c.number >= 0
)
RESULT = [{"count": COUNT**3}]


@pytest.fixture
def engine() -> str:
    """All of these tests are about one engine."""
    return "sqlite"


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    """A database with so many things that a read can take long."""
    async with opened(url, wait=30) as database:
        async with database.transaction() as transaction:
            rows = [make_thing(str(number), number) for number in range(COUNT)]
            await transaction.execute_many(INSERT_NAMED, rows)
        yield database


@pytest.mark.parametrize("is_long", [False, True])
async def test_a_long_read_leaves_the_loop_to_others(database: Database, is_long: bool) -> None:  # noqa: FBT001
    read = asyncio.create_task(database.fetch_all(LONG, {}, is_long=is_long))
    turns = 0
    while not read.done():
        await asyncio.sleep(0)
        turns += 1
    assert await read == RESULT
    # Inline it would have been one.
    assert turns >= 10
    if not is_long:
        assert await database.fetch_one(LONG, {}) == RESULT[0]


async def test_many_long_reads_beside_short_ones_and_writes(database: Database) -> None:
    reads = [asyncio.create_task(database.fetch_all(LONG, {})) for _ in range(6)]
    for number in range(10):
        await asyncio.sleep(0.002)
        assert await count_things(database) == COUNT + number
        # The numbers are such that the reads do not see them.
        await add_thing(database, f"more {number}", -(10**6))
    for found in await asyncio.gather(*reads):
        assert found == RESULT


async def test_a_long_read_that_nobody_waits_for(database: Database) -> None:
    reads = [asyncio.create_task(database.fetch_all(LONG, {})) for _ in range(4)]
    await asyncio.sleep(0.02)
    for read in reads[:3]:
        read.cancel()
    results = await asyncio.gather(*reads, return_exceptions=True)
    assert results[3] == RESULT
    assert len(await list_names(database)) == COUNT


async def test_a_fault_in_a_long_read_stays_what_it_is(database: Database) -> None:
    missing: Select[Any] = select(column("absent")).select_from(table("nowhere"))
    with pytest.raises(Exception, match="nowhere"):
        await database.fetch_all(missing, {}, is_long=True)
    assert await database.fetch_all(LONG, {}, is_long=True) == RESULT


@pytest.mark.parametrize("is_long", [False, True])
async def test_long_reads_wait_for_a_process_that_mends_the_wal(
    database: Database,
    url: str,
    is_long: bool,  # noqa: FBT001
) -> None:
    # So that the connections of the threads are there already.
    await asyncio.gather(*(database.fetch_all(LONG, {}, is_long=True) for _ in range(4)))
    with locking(Path(url.removeprefix("sqlite:///")), program=MENDER) as mender:
        reads = [
            asyncio.create_task(database.fetch_all(LONG, {}, is_long=is_long)) for _ in range(3)
        ]
        async with ticking() as ticks:
            await see_ticks(ticks, 10)
        assert not any(read.done() for read in reads)
        mender.kill()
    assert await asyncio.gather(*reads) == [RESULT] * 3


async def test_long_reads_wait_for_a_bounded_time(url: str) -> None:
    async with opened(url, wait=0.1) as database:
        await add_thing(database, "a")
        assert len(await database.fetch_all(LONG, {}, is_long=True)) == 1
        with (
            locking(Path(url.removeprefix("sqlite:///")), program=MENDER),
            pytest.raises(DatabaseBusyError),
        ):
            await database.fetch_all(LONG, {}, is_long=True)
        assert await database.fetch_all(LONG, {}, is_long=True) == [{"count": 1}]
