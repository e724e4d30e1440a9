"""What takes SQLite long in a transaction does not keep everybody else from their turns.

It is counted how often the event loop comes round meanwhile, and not how long that takes.
"""

import asyncio
import sqlite3
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import bindparam, func, select

from taskstead.cooperative import PIECE
from taskstead.db.database import Database
from taskstead.db.sqlite_transaction import SqliteTransaction
from taskstead.db.statements import SQLITE, LoneCompiler, Row
from tests.db.things import (
    INSERT_NAMED,
    LIST_NAMES,
    add_thing,
    count_things,
    list_names,
    make_thing,
    opened,
)
from tests.turns import counting_turns

MANY = 20

# It is about a list of many things, as its parameter says, and at work until it is let go.
HOLD = select(func.hold(bindparam("ids")).label("held"))
LONG_LIST = "x" * 20_000


@pytest.fixture
def engine() -> str:
    """PostgreSQL works elsewhere."""
    return "sqlite"


async def test_many_rows_are_written_and_read_in_pieces(database: Database) -> None:
    rows = [make_thing(f"thing {number:05}") for number in range(MANY * PIECE)]
    async with database.transaction() as transaction:
        async with counting_turns() as turns:
            await transaction.execute_many(INSERT_NAMED, rows)
        assert turns.count >= MANY
        async with counting_turns() as turns:
            found = await transaction.fetch_all(LIST_NAMES, {})
        assert turns.count >= MANY
    assert [row["name"] for row in found] == [row["name"] for row in rows]


@asynccontextmanager
async def holding_statement(let_go: threading.Event) -> AsyncIterator[asyncio.Task[Row | None]]:
    """Begin a statement that goes on until it is let go; it is under way in the block."""
    is_begun = threading.Event()

    def hold(given: str) -> int:
        is_begun.set()
        let_go.wait()
        return len(given)

    connection = sqlite3.connect(":memory:", check_same_thread=False)
    connection.create_function("hold", 1, hold)
    transaction = SqliteTransaction(LoneCompiler(SQLITE), connection)
    running = asyncio.create_task(transaction.fetch_one(HOLD, {"ids": LONG_LIST}))
    try:
        async with counting_turns() as turns:
            await turns.wait_until(is_begun.is_set)
        yield running
    finally:
        # A thread that waits for ever would keep Python from ending.
        let_go.set()


async def test_a_statement_about_many_things_runs_in_a_thread() -> None:
    let_go = threading.Event()
    async with holding_statement(let_go) as running:
        async with counting_turns() as turns:
            await turns.wait_until(lambda: turns.count > MANY)
        let_go.set()
        assert await running == {"held": len(LONG_LIST)}


async def test_who_is_cancelled_meanwhile_leaves_no_statement_under_way() -> None:
    let_go = threading.Event()
    async with holding_statement(let_go) as running:
        for _ in range(2):
            running.cancel()
            async with counting_turns() as turns:
                await turns.wait_until(lambda: turns.count > MANY)
            assert not running.done()
        let_go.set()
        with pytest.raises(asyncio.CancelledError):
            await running


async def test_who_is_cancelled_between_two_pieces_is_rolled_back(database: Database) -> None:
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


class SlowRows(list[Row]):
    """Rows of which each piece takes a while."""

    def __getitem__(self, index: Any) -> Any:
        time.sleep(0.015)
        return super().__getitem__(index)


async def test_who_waits_for_the_turn_waits_on_while_it_goes_on(url: str) -> None:
    async with opened(url, wait=0.1, queue=60.0) as database:
        rows = SlowRows(make_thing(f"thing {number}") for number in range(3 * MANY * PIECE))
        async with database.transaction() as transaction:
            waiting = asyncio.create_task(add_thing(database, "last"))
            await transaction.execute_many(INSERT_NAMED, rows)
            assert not waiting.done()
        await waiting
        assert await count_things(database) == 3 * MANY * PIECE + 1
