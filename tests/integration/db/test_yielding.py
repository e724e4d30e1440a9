"""Cooperative yielding of the SQLite engine: long statements do not block the event loop.

The tests count iterations of the event loop, not time.
"""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import bindparam, func, select

from taskstead.concurrency.cooperative import PIECE
from taskstead.db.database import Database
from taskstead.db.sqlite.transaction import SqliteTransaction
from taskstead.observability.query_stats import Meter
from tests.harness.loop_iterations import counting_iterations
from tests.harness.settings import WAIT_SECONDS
from tests.harness.untyped import Row, untyped
from tests.integration.db.things import (
    INSERT_NAMED,
    LIST_NAMES,
    add_thing,
    count_things,
    list_names,
    make_thing,
    opened,
)

pytestmark = pytest.mark.engines("sqlite")

MANY = 20

# The size of its list parameter makes this a long statement. It runs until it is released.
HOLD = select(func.hold(bindparam("ids")).label("held"))
LONG_LIST = "x" * 20_000


async def test_many_rows_are_written_and_read_in_chunks(database: Database) -> None:
    rows = [make_thing(f"thing {number:05}") for number in range(MANY * PIECE)]
    async with database.transaction() as transaction:
        async with counting_iterations() as iterations:
            await transaction.execute_many(INSERT_NAMED, rows)
        assert iterations.count >= MANY
        async with counting_iterations() as iterations:
            found = await transaction.fetch_all(untyped(LIST_NAMES), {})
        assert iterations.count >= MANY
    assert [row["name"] for row in found] == [row["name"] for row in rows]


@asynccontextmanager
async def holding_statement(let_go: threading.Event) -> AsyncIterator[asyncio.Task[Row | None]]:
    """Run a statement that blocks until it is released. It is running during the block."""
    is_begun = threading.Event()

    def hold(given: str) -> int:
        is_begun.set()
        let_go.wait()
        return len(given)

    connection = sqlite3.connect(":memory:", check_same_thread=False)
    connection.create_function("hold", 1, hold)
    transaction = SqliteTransaction(connection, Meter())
    running = asyncio.create_task(transaction.fetch_one(untyped(HOLD), {"ids": LONG_LIST}))
    try:
        async with counting_iterations() as iterations:
            await iterations.wait_until(is_begun.is_set)
        yield running
    finally:
        # A blocked thread would prevent the interpreter from exiting.
        let_go.set()


async def test_statement_with_a_long_list_runs_in_a_thread() -> None:
    let_go = threading.Event()
    async with holding_statement(let_go) as running:
        async with counting_iterations() as iterations:
            await iterations.wait_until(lambda: iterations.count > MANY)
        let_go.set()
        assert await running == {"held": len(LONG_LIST)}


async def test_cancellation_waits_for_the_running_statement() -> None:
    let_go = threading.Event()
    async with holding_statement(let_go) as running:
        for _ in range(2):
            running.cancel()
            async with counting_iterations() as iterations:
                await iterations.wait_until(lambda: iterations.count > MANY)
            assert not running.done()
        let_go.set()
        with pytest.raises(asyncio.CancelledError):
            await running


async def test_cancellation_between_two_chunks_rolls_back(database: Database) -> None:
    async def begin() -> None:
        async with database.transaction() as transaction:
            rows = [make_thing(f"thing {number}") for number in range(MANY * PIECE)]
            await transaction.execute_many(INSERT_NAMED, rows)

    beginning = asyncio.create_task(begin())
    for _ in range(5):
        await asyncio.sleep(0)
    beginning.cancel()
    with pytest.raises(asyncio.CancelledError):
        await beginning
    await add_thing(database, "kept")
    assert await list_names(database) == ["kept"]


class LoopTime:
    """A clock of the event loop that a test moves forward."""

    def __init__(self) -> None:
        self._offset = 0.0
        self._get_real = asyncio.get_running_loop().time

    def __call__(self) -> float:
        return self._get_real() + self._offset

    def advance(self, seconds: float) -> None:
        self._offset += seconds


class SlowRows(list[Row]):
    """Rows of which each chunk takes a third of the timeout, by the clock of the event loop."""

    def __init__(self, rows: Iterable[Row], loop_time: LoopTime) -> None:
        super().__init__(rows)
        self._loop_time = loop_time

    def __getitem__(self, index: Any) -> Any:
        self._loop_time.advance(WAIT_SECONDS / 3)
        return super().__getitem__(index)


async def test_progress_of_a_long_write_extends_the_wait_of_others(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop_time = LoopTime()
    monkeypatch.setattr(asyncio.get_running_loop(), "time", loop_time)
    async with opened(url, wait=WAIT_SECONDS, queue=3600.0) as database:
        things = [make_thing(f"thing {number}") for number in range(3 * MANY * PIECE)]
        rows = SlowRows(things, loop_time)
        async with database.transaction() as transaction:
            waiting = asyncio.create_task(add_thing(database, "last"))
            await transaction.execute_many(INSERT_NAMED, rows)
            assert not waiting.done()
        await waiting
        assert await count_things(database) == len(rows) + 1
