"""PostgreSQL connection pool, alone and in the running application."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import httpx2
import pytest
from fastapi import FastAPI
from sqlalchemy import func, select

from taskstead.config.settings import Settings
from taskstead.db.database import Database, UniqueViolationError
from taskstead.db.factory import open_database
from taskstead.db.postgresql.database import PostgresqlDatabase
from taskstead.errors import DatabaseBusyError, DatabaseUnavailableError
from tests.harness.client import Client
from tests.harness.settings import make_settings
from tests.harness.untyped import untyped
from tests.integration.db.things import (
    INSERT_NAMED,
    add_thing,
    connected_outside,
    count_things,
    list_names,
    make_thing,
    opened,
    run_outside,
    write,
)

pytestmark = pytest.mark.engines("postgresql")

SIZE = 3
COUNT_OURS = (
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE application_name = 'taskstead' AND datname = current_database()"
)
END_OURS = COUNT_OURS.replace("count(*)", "pg_terminate_backend(pid)")
END_ACTIVE = END_OURS + " AND state <> 'idle'"
CANCEL_ACTIVE = END_ACTIVE.replace("pg_terminate_backend", "pg_cancel_backend")
LOCK_WORKSPACES = "SELECT id FROM workspaces FOR UPDATE"
GET_PID = select(func.pg_backend_pid().label("pid"))
SLEEP = select(func.pg_sleep(600).label("slept"))


@pytest.fixture
def wait_seconds() -> float:
    """Timeout for the database: short in tests that expect it to expire."""
    return 0.5


@pytest.fixture
def settings(database_url: str, wait_seconds: float) -> Settings:
    """A small pool and a short timeout."""
    return make_settings(database_url, database_pool_size=SIZE, database_wait_seconds=wait_seconds)


@pytest.fixture
async def database(url: str) -> AsyncIterator[PostgresqlDatabase]:
    """A database with the tables of things.py and a small pool."""
    async with opened(url, size=SIZE, wait=60) as database:
        assert isinstance(database, PostgresqlDatabase)
        yield database


@asynccontextmanager
async def counting_connections(url: str) -> AsyncIterator[list[int]]:
    """Count the application's connections at the server repeatedly."""
    counts: list[int] = []
    async with connected_outside(url) as outside:

        async def count() -> None:
            while True:
                counts.append(await outside.fetchval(COUNT_OURS))
                await asyncio.sleep(0.002)

        counter = asyncio.create_task(count())
        try:
            yield counts
        finally:
            counter.cancel()
            await asyncio.wait([counter])


@asynccontextmanager
async def connections_taken(database: Database, count: int = SIZE) -> AsyncIterator[None]:
    """Hold connections during the block."""
    is_over, ready = asyncio.Event(), asyncio.Barrier(count + 1)

    async def keep() -> None:
        async with database.transaction():
            await ready.wait()
            await is_over.wait()

    async with asyncio.TaskGroup() as group:
        for _ in range(count):
            group.create_task(keep())
        await ready.wait()
        try:
            yield
        finally:
            is_over.set()


@asynccontextmanager
async def workspaces_locked(url: str) -> AsyncIterator[None]:
    """Hold locks on the rows of all workspaces during the block."""
    async with connected_outside(url) as outside, outside.transaction():
        await outside.execute(LOCK_WORKSPACES)
        yield


def check_problem(answer: httpx2.Response, code: str) -> None:
    """Check that a response has this code and a Retry-After header."""
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == code
    assert int(answer.headers["retry-after"]) >= 1


async def wait_for_lock_waiters(url: str, count: int) -> None:
    """Wait until the given number of connections waits for a lock."""
    waiting = f"{COUNT_OURS} AND wait_event_type = 'Lock'"
    async with asyncio.timeout(60):
        while (await run_outside(url, waiting))[0][0] < count:  # noqa: ASYNC110 - no event to wait for
            await asyncio.sleep(0.01)


async def wait_for_connections(url: str, count: int) -> None:
    """Wait until the given number of connections is left.

    Each ends shortly after its termination.
    """
    async with asyncio.timeout(60):
        while (await run_outside(url, COUNT_OURS))[0][0] != count:  # noqa: ASYNC110 - no event to wait for
            await asyncio.sleep(0.01)


async def wait_until_unused(database: Database) -> None:
    """Wait until all connections are back in the pool.

    Jobs and commit listeners use some briefly, too.
    """
    async with asyncio.timeout(60):
        while database.get_pool_state().in_use:  # noqa: ASYNC110 - no event to wait for
            await asyncio.sleep(0.01)


async def test_pool_never_exceeds_its_size(owner: Client, database_url: str, app: FastAPI) -> None:
    assert isinstance(app.state.server.database, PostgresqlDatabase)
    await owner.create_task()
    async with counting_connections(database_url) as counts:
        requests = [owner.get("/api/v1/tasks/1") for _ in range(100)]
        requests += [owner.patch("/api/v1/tasks/1", {"title": str(n)}) for n in range(50)]
        answers = await asyncio.gather(*requests)
    assert {answer.status_code for answer in answers} <= {200, 503}
    assert max(counts) == SIZE
    await wait_until_unused(app.state.server.database)


async def test_exhausted_pool_returns_503_with_retry_after(owner: Client, app: FastAPI) -> None:
    async with connections_taken(app.state.server.database):
        answers = await asyncio.gather(
            owner.get("/api/v1/tasks"), owner.post("/api/v1/tasks", {"title": "a"})
        )
        for answer in answers:
            check_problem(answer, "database_busy")
        assert (await owner.get("/health/live")).status_code == 200
    assert (await owner.get("/api/v1/tasks")).json()["items"] == []


async def test_wait_for_a_locked_workspace_follows_the_setting(
    owner: Client, database_url: str
) -> None:
    await owner.create_task()
    async with workspaces_locked(database_url):
        check_problem(await owner.patch("/api/v1/tasks/1", {"title": "b"}), "database_busy")
        assert (await owner.get("/api/v1/tasks/1")).json()["title"] == "A task"
    assert (await owner.patch("/api/v1/tasks/1", {"title": "b"})).status_code == 200


async def test_waiters_are_served_in_order(url: str) -> None:
    served: list[int] = []

    async def wait(number: int) -> None:
        async with single.transaction():
            served.append(number)

    async with opened(url, size=1) as single:
        async with connections_taken(single, 1):
            tasks = []
            for number in range(20):
                tasks.append(asyncio.create_task(wait(number)))
                await asyncio.sleep(0)
            tasks[5].cancel()
            await asyncio.wait([tasks[5]])
        # A later request must not overtake them.
        late = asyncio.create_task(wait(20))
        await asyncio.gather(*tasks[:5], *tasks[6:], late)
    assert served == [number for number in range(21) if number != 5]


async def test_cancelled_waiter_loses_no_slot(database: PostgresqlDatabase) -> None:
    for moment in range(4):
        async with connections_taken(database):
            tasks = [asyncio.create_task(count_things(database)) for _ in range(10)]
            await asyncio.sleep(0.01)
            if moment == 0:
                tasks[0].cancel()
        # The slots are about to be given to the first waiters.
        for _ in range(moment):
            await asyncio.sleep(0)
        for task in tasks[:SIZE]:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert set(results[SIZE:]) == {0}
        await database.pool.settle()
        assert (database.pool.in_use, database.pool.waiting) == (0, 0)


async def test_cancelled_statement_is_cancelled_on_the_server(
    database: PostgresqlDatabase, url: str
) -> None:
    async with counting_connections(url) as counts:
        for _ in range(3):
            tasks = [
                asyncio.create_task(database.fetch_one(untyped(SLEEP), {})) for _ in range(SIZE)
            ]
            await asyncio.sleep(0.05)
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
            # The server itself would end the statements only after half a minute.
            async with asyncio.timeout(20):
                await asyncio.gather(*(count_things(database) for _ in range(SIZE)))
    assert max(counts) == SIZE


async def test_failed_statement_leaves_the_connection_usable(url: str) -> None:
    async with opened(url, size=1) as database:
        pid = await database.fetch_one(untyped(GET_PID), {})
        for _ in range(3):
            thing = (INSERT_NAMED, make_thing("a"))
            with pytest.raises(UniqueViolationError):
                await write(database, thing, thing)
            with pytest.raises(asyncpg.DataError):
                await add_thing(database, "b", 2**64)
            with pytest.raises(asyncpg.DivisionByZeroError):
                await database.fetch_one(
                    untyped(select((select(1 / func.abs(0))).scalar_subquery())), {}
                )
            with pytest.raises(ZeroDivisionError):
                await write(database, thing, error=ZeroDivisionError())
        assert await database.fetch_one(untyped(GET_PID), {}) == pid
        assert await count_things(database) == 0


async def test_connections_cut_while_idle_are_replaced(
    database: PostgresqlDatabase, url: str
) -> None:
    for _ in range(3):
        async with connections_taken(database):
            pass
        await wait_for_connections(url, SIZE)
        assert len(await run_outside(url, END_OURS)) == SIZE
        results = await asyncio.gather(
            *(count_things(database) for _ in range(SIZE)), return_exceptions=True
        )
        assert {type(result) for result in results} <= {int, DatabaseUnavailableError}
        # A closed connection is detected when it is acquired, so no further request fails.
        await asyncio.gather(*(count_things(database) for _ in range(10)))


@pytest.mark.parametrize("wait_seconds", [60.0])
async def test_connection_cut_in_a_transaction_fails_only_that_one(
    owner: Client, database_url: str, app: FastAPI
) -> None:
    await owner.create_task()
    for sql, code in ((END_ACTIVE, "database_unavailable"), (CANCEL_ACTIVE, "database_busy")):
        async with workspaces_locked(database_url):
            patch = asyncio.create_task(owner.patch("/api/v1/tasks/1", {"title": "b"}))
            await wait_for_lock_waiters(database_url, 1)
            await run_outside(database_url, sql)
            check_problem(await patch, code)
        for _ in range(2 * SIZE):
            assert (await owner.get("/api/v1/tasks/1")).json()["title"] == "A task"
    assert (await owner.patch("/api/v1/tasks/1", {"title": "b"})).status_code == 200
    await wait_until_unused(app.state.server.database)


async def test_connection_cut_between_two_statements(
    database: PostgresqlDatabase, url: str
) -> None:
    async def cut_and_go_on() -> None:
        async with database.transaction() as transaction:
            await transaction.execute(INSERT_NAMED, make_thing("a"))
            await run_outside(url, END_OURS)
            await transaction.execute(INSERT_NAMED, make_thing("b"))

    async def cut_and_commit() -> None:
        async with database.transaction() as transaction:
            await transaction.execute(INSERT_NAMED, make_thing("a"))
            await run_outside(url, END_OURS)

    async def cut_and_raise() -> None:
        async with database.transaction() as transaction:
            await transaction.execute(INSERT_NAMED, make_thing("a"))
            await run_outside(url, END_OURS)
            raise ZeroDivisionError

    for act, error in (
        (cut_and_go_on, DatabaseUnavailableError),
        (cut_and_commit, DatabaseUnavailableError),
        (cut_and_raise, ZeroDivisionError),
    ):
        with pytest.raises(error):
            await act()
        assert await list_names(database) == []
        await database.pool.settle()
        assert database.pool.in_use == 0


async def test_changed_table_of_a_prepared_statement(url: str) -> None:
    async with opened(url, size=1) as database:
        for kind in ("varchar(300)", "text", "varchar(200)"):
            await add_thing(database, kind)
            async with database.transaction() as transaction:
                await list_names(transaction)
            await run_outside(url, f"ALTER TABLE things ALTER COLUMN name TYPE {kind}")
            results: list[int | Exception] = []
            for _ in range(3):
                try:
                    async with database.transaction() as transaction:
                        results.append(len(await list_names(transaction)))
                except DatabaseBusyError as error:
                    results.append(error)
            assert all(isinstance(result, int) for result in results[1:])


async def test_database_that_cannot_be_opened(url: str) -> None:
    for wrong in (url + "_not_there", url.replace("postgres@", "nobody_at_all@")):
        async with opened(wrong, size=1, wait=0.2) as database:
            for _ in range(3):
                with pytest.raises(DatabaseUnavailableError):
                    await database.check()
            assert isinstance(database, PostgresqlDatabase)
            assert database.pool.in_use == 0


async def test_closed_pool_opens_no_connections(url: str) -> None:
    database = await open_database(url, pool_size=SIZE, wait_seconds=1)
    assert isinstance(database, PostgresqlDatabase)
    async with connections_taken(database, 1):
        await count_things(database)
        await database.close()
    await database.pool.settle()
    with pytest.raises(DatabaseUnavailableError):
        await database.check()
    await wait_for_connections(url, 0)
