"""Fair queueing: a burst of writes to one workspace does not delay the other workspaces."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise

import pytest

from taskstead.db.acquire_timeout import AcquireTimeout
from taskstead.db.database import Database
from taskstead.db.lane import Lane, Lanes
from taskstead.db.postgresql.database import PostgresqlDatabase
from taskstead.db.sqlite.database import SqliteDatabase
from taskstead.observability.query_stats import Meter
from taskstead.observability.request_record import RequestRecord, current_request
from tests.integration.db.things import INSERT_NAMED, count_things, list_names, make_thing, opened

pytestmark = pytest.mark.engines("sqlite", "postgresql")

LONG_SECONDS = 600.0


class Writers:
    """Writers that record the order in which they begin, and wait in their transactions."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.begun: list[str] = []
        self.committed: list[str] = []
        self.may_end = asyncio.Event()

    def start(self, *names: str) -> list[asyncio.Task[None]]:
        """Start writers. The first letter of a name is the workspace."""
        return [asyncio.create_task(self._write(name)) for name in names]

    async def _write(self, name: str) -> None:
        async with self._database.transaction(name[0]) as transaction:
            self.begun.append(name)
            await self.may_end.wait()
            await transaction.execute(INSERT_NAMED, make_thing(name))
        self.committed.append(name)

    async def wait_for(self, count: int) -> None:
        """Wait until the given number of writers has begun."""
        async with asyncio.timeout(LONG_SECONDS):
            while len(self.begun) < count:  # noqa: ASYNC110 - no event to wait for
                await asyncio.sleep(0.001)


@asynccontextmanager
async def writing(url: str) -> AsyncIterator[tuple[Database, Writers]]:
    """Yield a database with few connections, and writers for it."""
    async with opened(url, size=4, wait=LONG_SECONDS) as database:
        yield database, Writers(database)


def name_many(workspace: str, count: int) -> list[str]:
    """Return the names of some writers of a workspace."""
    return [f"{workspace}{number}" for number in range(count)]


async def test_writer_of_another_workspace_is_next(url: str, engine: str) -> None:
    async with writing(url) as (database, writers):
        tasks = writers.start(*name_many("a", 20))
        busy = 1 if engine == "sqlite" else 2
        await writers.wait_for(busy)
        tasks += writers.start(*name_many("b", 2))
        if isinstance(database, PostgresqlDatabase):
            # The other writers of the workspace wait without a connection.
            await writers.wait_for(4)
            assert (database.pool.in_use, database.pool.waiting) == (4, 0)
            assert database.writers.waiting == 18
        writers.may_end.set()
        await asyncio.gather(*tasks)
        assert max(writers.begun.index(name) for name in ("b0", "b1")) <= 4
        assert await count_things(database) == 22


async def test_readers_do_not_wait_for_writers_of_a_workspace(url: str) -> None:
    async with writing(url) as (database, writers):
        tasks = writers.start(*name_many("a", 20))
        await writers.wait_for(1)
        assert await count_things(database) == 0
        writers.may_end.set()
        await asyncio.gather(*tasks)


async def test_writers_of_a_workspace_share_commits_on_sqlite(url: str) -> None:
    async with writing(url) as (database, writers):
        tasks = writers.start(*name_many("a", 32))
        await writers.wait_for(1)
        writers.may_end.set()
        await asyncio.gather(*tasks)
        if isinstance(database, SqliteDatabase):
            assert writers.committed == writers.begun == name_many("a", 32)
            assert database.meter.batches == {32: 1}


async def test_commit_on_sqlite_does_not_wait_for_a_whole_burst(url: str) -> None:
    async with writing(url) as (database, writers):
        tasks = writers.start(*name_many("a", 200))
        await writers.wait_for(1)
        tasks += writers.start("b")
        writers.may_end.set()
        await asyncio.gather(*tasks)
        if isinstance(database, SqliteDatabase):
            assert database.meter.batches == {64: 3, 9: 1}
            assert writers.committed.index("b") == writers.begun.index("b") == 2


async def test_commit_on_sqlite_resumes_two_writers_per_iteration(url: str) -> None:
    async with writing(url) as (database, writers):
        tasks = writers.start(*name_many("a", 64))
        await writers.wait_for(1)
        writers.may_end.set()
        counts = [0]
        async with asyncio.timeout(LONG_SECONDS):
            while not all(task.done() for task in tasks):
                await asyncio.sleep(0)
                counts.append(len(writers.committed))
        if isinstance(database, SqliteDatabase):
            assert database.meter.batches == {64: 1}
            assert writers.committed == name_many("a", 64)
            assert max(after - before for before, after in pairwise(counts)) == 2


async def test_cancelled_writer_does_not_block_its_batch(url: str) -> None:
    async with writing(url) as (database, writers):
        tasks = writers.start(*name_many("a", 5))
        await writers.wait_for(1)
        for task in tasks[2:]:
            task.cancel()
        writers.may_end.set()
        for _ in range(3):
            await asyncio.sleep(0)
        tasks[1].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert tasks[0].exception() is None
        await asyncio.gather(*writers.start("a5"))
        assert "a5" in writers.committed
        assert set(writers.committed) <= set(await list_names(database))


def make_lane(size: int = 1) -> Lane:
    """Create a lane with long timeouts."""
    acquire_timeout = AcquireTimeout(wait_seconds=LONG_SECONDS, queue_seconds=LONG_SECONDS)
    return Lane(size, acquire_timeout=acquire_timeout, meter=Meter())


async def test_workspaces_take_turns_in_a_lane() -> None:
    lane = make_lane()
    order: list[str] = []

    async def use(name: str) -> None:
        current_request.set(RequestRecord(name, share=name[0]))
        async with lane.holding():
            order.append(name)
            await asyncio.sleep(0)

    await asyncio.gather(*(use(name) for name in [*name_many("a", 4), *name_many("b", 2)]))
    assert order == ["a0", "a1", "b0", "a2", "b1", "a3"]
    assert (lane.in_use, lane.waiting) == (0, 0)


async def test_lane_is_removed_with_its_last_user() -> None:
    made: list[Lane] = []

    def make() -> Lane:
        made.append(make_lane())
        return made[-1]

    lanes = Lanes(make)

    async def use() -> None:
        async with lanes.holding("a"):
            await asyncio.sleep(0)

    await asyncio.gather(*(use() for _ in range(3)))
    assert len(made) == 1
    cancelled = asyncio.create_task(use())
    await asyncio.sleep(0)
    cancelled.cancel()
    await asyncio.wait([cancelled])
    await use()
    assert len(made) == 3
    assert lanes.waiting == 0
