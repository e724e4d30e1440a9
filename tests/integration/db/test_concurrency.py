"""Concurrent transactions and cancellation at any time, on both engines.

A transaction is always complete or absent. What was acknowledged is stored. All connections return
to the pool.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from taskstead.db.database import Database, Transaction
from taskstead.db.postgresql.database import PostgresqlDatabase
from taskstead.errors import DatabaseBusyError
from taskstead.ids import make_id
from tests.harness.untyped import untyped
from tests.integration.db.things import (
    ADD,
    COUNT_ALL,
    INSERT_NAMED,
    INSERT_PART,
    add_thing,
    count_things,
    list_names,
    make_thing,
    opened,
)

pytestmark = pytest.mark.engines("sqlite", "postgresql")


async def add_pair(database: Database, name: str) -> None:
    """Add a thing and a part in one transaction."""
    thing = make_thing(name)
    async with database.transaction() as transaction:
        await transaction.execute(INSERT_NAMED, thing)
        await transaction.execute(ADD, {"called": "counter", "more": 1})
        await transaction.execute(INSERT_PART, {"id": make_id(), "thing": thing["id"]})


async def check_whole(database: Database) -> int:
    """Check that no transaction is stored partially. Return the number of transactions."""
    counts = await database.fetch_one(untyped(COUNT_ALL), {})
    assert counts is not None
    things = int(counts["things"]) - 1
    assert counts == {"things": things + 1, "parts": things, "counter": things}
    return things


async def check_all_connections_are_back(database: Database) -> None:
    """Check that as many transactions can be open at once as there are connections."""
    if isinstance(database, PostgresqlDatabase):
        await database.pool.settle()
        assert (database.pool.in_use, database.pool.waiting) == (0, 0)
        async with asyncio.timeout(60), asyncio.TaskGroup() as group:
            gate = asyncio.Barrier(database.pool.size)
            for _ in range(database.pool.size):
                group.create_task(hold(database, gate.wait))
    await add_pair(database, f"after {make_id()}")
    await check_whole(database)


async def hold(database: Database, wait: Callable[[], Awaitable[object]]) -> None:
    """Keep a transaction open until an awaitable is done."""
    async with database.transaction() as transaction:
        await count_things(transaction)
        await wait()


@pytest.fixture
async def database_with_counter(database: Database) -> Database:
    """A database with a counter."""
    await add_thing(database, "counter")
    return database


async def test_five_hundred_concurrent_transactions(url: str) -> None:
    async with opened(url, wait=300) as database:
        await add_thing(database, "counter")
        await asyncio.gather(*(add_pair(database, str(number)) for number in range(500)))
        assert await check_whole(database) == 500
        await check_all_connections_are_back(database)


async def test_errors_of_some_do_not_affect_the_others(url: str) -> None:
    async with opened(url, wait=300) as database:
        await add_thing(database, "counter")
        names = [str(number // 2) for number in range(200)]
        results = await asyncio.gather(
            *(add_pair(database, name) for name in names), return_exceptions=True
        )
        assert sum(result is None for result in results) == 100
        assert await check_whole(database) == 100
        await check_all_connections_are_back(database)


@asynccontextmanager
async def all_connections_taken(database: Database) -> AsyncIterator[None]:
    """Hold the write lock, or all connections of the pool, during the block."""
    size = database.pool.size if isinstance(database, PostgresqlDatabase) else 1
    is_over = asyncio.Event()
    ready = asyncio.Barrier(size + 1)

    async def keep() -> None:
        async with database.transaction() as transaction:
            await count_things(transaction)
            await ready.wait()
            await is_over.wait()

    holders = [asyncio.create_task(keep()) for _ in range(size)]
    await ready.wait()
    yield
    is_over.set()
    await asyncio.gather(*holders)


async def test_cancelled_in_the_queue(database_with_counter: Database) -> None:
    async with all_connections_taken(database_with_counter):
        tasks = [
            asyncio.create_task(add_pair(database_with_counter, str(number))) for number in range(6)
        ]
        await asyncio.sleep(0.05)
        for task in tasks[::2]:
            task.cancel()
        await asyncio.sleep(0)
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [isinstance(result, asyncio.CancelledError) for result in results] == [True, False] * 3
    assert await list_names(database_with_counter) == ["1", "3", "5", "counter"]
    await check_all_connections_are_back(database_with_counter)


async def test_cancelled_when_its_turn_comes(database_with_counter: Database) -> None:
    for number in range(10):
        async with all_connections_taken(database_with_counter):
            tasks = [
                asyncio.create_task(add_pair(database_with_counter, f"{number} {n}"))
                for n in range(4)
            ]
            await asyncio.sleep(0.01)
        for task in tasks[::2]:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await check_whole(database_with_counter)
    await check_all_connections_are_back(database_with_counter)


async def test_wait_in_the_queue_is_bounded(url: str) -> None:
    async with opened(url, wait=0.1) as database:
        await add_thing(database, "counter")
        async with all_connections_taken(database):
            tasks = (add_pair(database, str(number)) for number in range(5))
            results = await asyncio.gather(*tasks, return_exceptions=True)
            assert [type(result) for result in results] == [DatabaseBusyError] * 5
        await check_all_connections_are_back(database)


async def test_cancelled_in_its_body(database_with_counter: Database) -> None:
    is_in_body = asyncio.Event()

    async def add_and_wait(transaction: Transaction) -> None:
        await transaction.execute(INSERT_NAMED, make_thing("cancelled"))
        is_in_body.set()
        await asyncio.Event().wait()

    async def write() -> None:
        async with database_with_counter.transaction() as transaction:
            await add_and_wait(transaction)

    task = asyncio.create_task(write())
    await is_in_body.wait()
    others = [
        asyncio.create_task(add_pair(database_with_counter, str(number))) for number in range(3)
    ]
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.gather(*others)
    assert await list_names(database_with_counter) == ["0", "1", "2", "counter"]
    await check_all_connections_are_back(database_with_counter)


@pytest.mark.parametrize("seed", range(4))
async def test_cancelled_anywhere(url: str, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311
    async with opened(url, wait=300) as database:
        await add_thing(database, "counter")
        tasks = [asyncio.create_task(add_pair(database, str(number))) for number in range(100)]
        for task in chance.sample(tasks, k=60):
            # Cancel some tasks at their next step, and others after network data may have arrived.
            for _ in range(chance.randrange(3)):
                await asyncio.sleep(0)
            if chance.random() < 0.3:
                await asyncio.sleep(chance.random() / 500)
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert {type(result) for result in results} <= {type(None), asyncio.CancelledError}
        # The cancelled tasks hold no lock or connection any more.
        await add_pair(database, "last")
        names = set(await list_names(database))
        answered = {str(number) for number, result in enumerate(results) if result is None}
        assert answered <= names
        await check_whole(database)
        await check_all_connections_are_back(database)


async def test_cancelled_reads(database_with_counter: Database) -> None:
    chance = random.Random(1)  # noqa: S311
    for _ in range(10):
        tasks = [asyncio.create_task(list_names(database_with_counter)) for _ in range(20)]
        await asyncio.sleep(chance.random() / 1000)
        for task in chance.sample(tasks, k=10):
            task.cancel()
        for result in await asyncio.gather(*tasks, return_exceptions=True):
            assert isinstance(result, asyncio.CancelledError) or result == ["counter"]
    await check_all_connections_are_back(database_with_counter)
