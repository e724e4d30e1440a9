"""SQLite engine: connection settings and group commit.

Other processes and a full disk are tested in test_faults.py.
"""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Executable, Select, column, select, table

from taskstead.db.database import Database, UniqueViolationError
from taskstead.errors import DatabaseUnavailableError
from taskstead.ids import make_id
from tests.harness.untyped import Row, untyped
from tests.integration.db.batches import gather_batch, list_types, writers_blocked
from tests.integration.db.things import (
    INSERT_NAMED,
    INSERT_PART,
    add_thing,
    count_things,
    list_names,
    make_thing,
    opened,
    write,
)

pytestmark = pytest.mark.engines("sqlite")


@pytest.fixture
def path(url: str) -> Path:
    """The path of the database file."""
    return Path(url.removeprefix("sqlite:///"))


def count_commits(path: Path) -> int:
    """Count the commits in the WAL.

    A frame with a database size in its header is the last of a commit (sqlite.org/fileformat2).
    """
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
async def test_connections_have_safe_settings(
    database: Database, pragma: str, name: str, value: object
) -> None:
    statement: Select[Any] = select(column(name)).select_from(table(f"pragma_{pragma}"))
    assert await database.fetch_one(untyped(statement), {}) == {name: value}
    async with database.transaction() as transaction:
        assert await transaction.fetch_one(untyped(statement), {}) == {name: value}


async def test_transactions_share_commits(database: Database, path: Path) -> None:
    before = count_commits(path)
    for number in range(5):
        await add_thing(database, f"alone {number}")
    assert count_commits(path) == before + 5
    await asyncio.gather(*(add_thing(database, str(number)) for number in range(200)))
    # The number is two or three, depending on timing.
    assert count_commits(path) <= before + 5 + 10
    assert await count_things(database) == 205


async def test_waiting_transactions_join_the_batch(database: Database, path: Path) -> None:
    before = count_commits(path)
    steps = [(INSERT_NAMED, make_thing(str(number))) for number in range(50)]
    assert await gather_batch(database, *steps) == [None] * 50
    assert count_commits(path) <= before + 2


async def test_transaction_without_writes_commits_nothing(database: Database, path: Path) -> None:
    before = count_commits(path)
    async with database.transaction() as transaction:
        await count_things(transaction)
    with pytest.raises(ZeroDivisionError):
        await write(database, (INSERT_NAMED, make_thing("a")), error=ZeroDivisionError())
    assert count_commits(path) == before
    await add_thing(database, "b")
    assert await list_names(database) == ["b"]


async def test_error_of_one_transaction_does_not_affect_its_batch(database: Database) -> None:
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


async def test_failed_commit_fails_its_whole_batch(database: Database) -> None:
    steps: list[tuple[Executable, Row]] = [
        (INSERT_NAMED, make_thing("before")),
        # The COMMIT detects the dangling foreign key.
        (INSERT_PART, {"id": make_id(), "thing": make_id()}),
        (INSERT_NAMED, make_thing("after")),
    ]
    results = await gather_batch(database, *steps)
    assert list_types(results) == [DatabaseUnavailableError] * 3
    assert len({id(result) for result in results}) == 3
    assert await count_things(database) == 0
    assert await gather_batch(database, steps[0], steps[2]) == [None, None]
    assert await list_names(database) == ["after", "before"]


async def test_batch_is_invisible_before_its_commit(database: Database, path: Path) -> None:
    async with asyncio.TaskGroup() as group, opened(f"sqlite:///{path}") as other:
        async with writers_blocked(database):
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
        # This transaction has been executed and waits for the COMMIT of its batch.
        assert not first.done()
        assert await count_things(database) == await count_things(other) == 0
        is_over.set()
        await first
        assert await count_things(database) == await count_things(other) == 1


async def test_cancelled_while_waiting_for_the_commit(database: Database) -> None:
    async with asyncio.TaskGroup() as group:
        is_open, is_over = asyncio.Event(), asyncio.Event()

        async def keep_the_batch_open() -> None:
            async with database.transaction():
                is_open.set()
                await is_over.wait()

        async with writers_blocked(database):
            tasks = [group.create_task(add_thing(database, str(number))) for number in range(4)]
            await asyncio.sleep(0.01)
            group.create_task(keep_the_batch_open())
            await asyncio.sleep(0.01)
        # The last transaction in the queue runs now, so all the others have been executed.
        await is_open.wait()
        for task in tasks[::2]:
            task.cancel()
        await asyncio.wait(tasks[::2])
        assert [task.cancelled() for task in tasks[::2]] == [True, True]
        assert [task.done() for task in tasks[1::2]] == [False, False]
        is_over.set()
    # The executed transactions are committed with the batch. Only the responses are lost.
    assert await list_names(database) == ["0", "1", "2", "3"]
    await add_thing(database, "after")


async def test_closing_finishes_running_transactions(url: str) -> None:
    async with opened(url) as database:
        async with writers_blocked(database):
            tasks = [asyncio.create_task(add_thing(database, str(n))) for n in range(20)]
            await asyncio.sleep(0.01)
            closing = asyncio.create_task(database.close())
            await asyncio.sleep(0.01)
            assert not closing.done()
        await asyncio.gather(*tasks)
        await closing
    async with opened(url) as database:
        assert await count_things(database) == 20
