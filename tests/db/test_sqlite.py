"""What the SQLite engine does by itself: safe connections, and commits that are shared.

Other processes and a full disk are in test_sqlite_trouble.py.
"""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Executable, Select, column, select, table

from taskstead.db.database import Database, UniqueViolationError
from taskstead.db.statements import Row
from taskstead.errors import DatabaseUnavailableError
from taskstead.ids import make_id
from tests.db.batches import gather_batch, list_types, turn_taken
from tests.db.things import (
    INSERT_NAMED,
    INSERT_PART,
    add_thing,
    count_things,
    list_names,
    make_thing,
    opened,
    write,
)


@pytest.fixture
def engine() -> str:
    """All of these tests are about one engine."""
    return "sqlite"


@pytest.fixture
def path(url: str) -> Path:
    """The file."""
    return Path(url.removeprefix("sqlite:///"))


def count_commits(path: Path) -> int:
    """Count the commits in the WAL: frames that give the file's size (sqlite.org/fileformat2)."""
    wal = path.with_name(path.name + "-wal").read_bytes()
    page_size, salt = int.from_bytes(wal[8:12], "big"), wal[16:24]
    frames = (wal[at : at + 24] for at in range(32, len(wal), 24 + page_size))
    return sum(frame[4:8] != bytes(4) and frame[8:16] == salt for frame in frames)


@pytest.mark.parametrize(
    ("pragma", "name", "value"),
    [
        ("journal_mode", "journal_mode", "wal"),
        ("synchronous", "synchronous", 2),
        ("foreign_keys", "foreign_keys", 1),
        ("busy_timeout", "timeout", 0),
    ],
)
async def test_connections_are_safe(
    database: Database, pragma: str, name: str, value: object
) -> None:
    statement: Select[Any] = select(column(name)).select_from(table(f"pragma_{pragma}"))
    assert await database.fetch_one(statement, {}) == {name: value}
    async with database.transaction() as transaction:
        assert await transaction.fetch_one(statement, {}) == {name: value}


async def test_transactions_share_commits(database: Database, path: Path) -> None:
    before = count_commits(path)
    for number in range(5):
        await add_thing(database, f"alone {number}")
    assert count_commits(path) == before + 5
    await asyncio.gather(*(add_thing(database, str(number)) for number in range(200)))
    # Two or three, as it happens; what matters is that there are few.
    assert count_commits(path) <= before + 5 + 10
    assert await count_things(database) == 205


async def test_whoever_waits_for_the_turn_joins_the_batch(database: Database, path: Path) -> None:
    before = count_commits(path)
    steps = [(INSERT_NAMED, make_thing(str(number))) for number in range(50)]
    assert await gather_batch(database, *steps) == [None] * 50
    assert count_commits(path) <= before + 2


async def test_a_transaction_that_writes_nothing_commits_nothing(
    database: Database, path: Path
) -> None:
    before = count_commits(path)
    async with database.transaction() as transaction:
        await count_things(transaction)
    with pytest.raises(ZeroDivisionError):
        await write(database, (INSERT_NAMED, make_thing("a")), error=ZeroDivisionError())
    assert count_commits(path) == before
    await add_thing(database, "b")
    assert await list_names(database) == ["b"]


async def test_an_error_of_one_does_not_hurt_its_batch(database: Database) -> None:
    one = make_thing("one")
    results = await gather_batch(
        database,
        (INSERT_NAMED, make_thing("before")),
        (INSERT_NAMED, one),
        (INSERT_NAMED, make_thing("one")),
        (INSERT_NAMED, {**make_thing("other"), "id": one["id"]}),
        (INSERT_NAMED, make_thing("after")),
    )
    nothing = type(None)
    assert list_types(results) == [nothing, nothing, *[UniqueViolationError] * 2, nothing]
    assert await list_names(database) == ["after", "before", "one"]


async def test_a_failed_commit_fails_its_whole_batch(database: Database) -> None:
    steps: list[tuple[Executable, Row]] = [
        (INSERT_NAMED, make_thing("before")),
        # The key that leads nowhere is found by the COMMIT.
        (INSERT_PART, {"id": make_id(), "thing": make_id()}),
        (INSERT_NAMED, make_thing("after")),
    ]
    results = await gather_batch(database, *steps)
    assert list_types(results) == [DatabaseUnavailableError] * 3
    assert len({id(result) for result in results}) == 3
    assert await count_things(database) == 0
    assert await gather_batch(database, steps[0], steps[2]) == [None, None]
    assert await list_names(database) == ["after", "before"]


async def test_nobody_sees_a_batch_before_its_commit(database: Database, path: Path) -> None:
    async with asyncio.TaskGroup() as group, opened(f"sqlite:///{path}") as other:
        async with turn_taken(database):
            first = group.create_task(add_thing(database, "first"))
            await asyncio.sleep(0.01)
            is_open, is_over = asyncio.Event(), asyncio.Event()

            async def keep_the_batch_open() -> None:
                async with database.transaction() as transaction:
                    assert await list_names(transaction) == ["first"]
                    is_open.set()
                    await is_over.wait()

            group.create_task(keep_the_batch_open())
            await asyncio.sleep(0.01)
        await is_open.wait()
        # It has been executed and waits for the COMMIT of its batch.
        assert not first.done()
        assert await count_things(database) == await count_things(other) == 0
        is_over.set()
        await first
        assert await count_things(database) == await count_things(other) == 1


async def test_cancelled_while_it_waits_for_the_commit(database: Database) -> None:
    async with asyncio.TaskGroup() as group:
        is_open, is_over = asyncio.Event(), asyncio.Event()

        async def keep_the_batch_open() -> None:
            async with database.transaction():
                is_open.set()
                await is_over.wait()

        async with turn_taken(database):
            tasks = [group.create_task(add_thing(database, str(number))) for number in range(4)]
            await asyncio.sleep(0.01)
            group.create_task(keep_the_batch_open())
            await asyncio.sleep(0.01)
        # The last in the queue has its turn: all the others have had theirs.
        await is_open.wait()
        for task in tasks[::2]:
            task.cancel()
        await asyncio.wait(tasks[::2])
        assert [task.cancelled() for task in tasks[::2]] == [True, True]
        assert [task.done() for task in tasks[1::2]] == [False, False]
        is_over.set()
    # What was executed is in the batch: it is the answer that nobody waited for.
    assert await list_names(database) == ["0", "1", "2", "3"]
    await add_thing(database, "after")


async def test_closing_finishes_what_is_under_way(url: str) -> None:
    async with opened(url) as database:
        async with turn_taken(database):
            tasks = [asyncio.create_task(add_thing(database, str(n))) for n in range(20)]
            await asyncio.sleep(0.01)
            closing = asyncio.create_task(database.close())
            await asyncio.sleep(0.01)
            assert not closing.done()
        await asyncio.gather(*tasks)
        await closing
    async with opened(url) as database:
        assert await count_things(database) == 20
