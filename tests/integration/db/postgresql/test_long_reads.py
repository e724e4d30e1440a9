"""Long reads use a limited share of the PostgreSQL connections. Short reads use the rest."""

import asyncio

import pytest
from fastapi import FastAPI

from taskstead.config.settings import Settings
from taskstead.db.postgresql.database import PostgresqlDatabase
from tests.harness.client import Client
from tests.harness.settings import make_settings
from tests.harness.untyped import untyped
from tests.integration.db.postgresql.test_pool import (
    GET_PID,
    SLEEP,
    connections_taken,
    wait_for_lock_waiters,
)
from tests.integration.db.things import connected_outside, opened

pytestmark = pytest.mark.engines("postgresql")


@pytest.fixture
def settings(database_url: str) -> Settings:
    """Three connections, and timeouts longer than a test."""
    return make_settings(database_url, database_pool_size=3)


async def test_long_reads_leave_connections_to_short_ones(url: str) -> None:
    async with opened(url, size=6, wait=60) as database:
        assert isinstance(database, PostgresqlDatabase)
        lane = database.long_reads
        reads = [
            asyncio.create_task(database.fetch_all(untyped(SLEEP), {}, is_long=True))
            for _ in range(9)
        ]
        await asyncio.sleep(0)
        assert (lane.in_use, lane.waiting) == (2, 7)
        assert (database.pool.in_use, database.pool.waiting) == (2, 0)
        async with connections_taken(database, 4):
            assert database.pool.waiting == 0
        for read in reads:
            read.cancel()
        await asyncio.wait(reads)
        await database.pool.settle()
        assert (lane.in_use, lane.waiting, database.pool.in_use) == (0, 0, 0)


async def test_one_connection_is_enough_for_long_reads(url: str) -> None:
    async with opened(url, size=1, wait=60) as database:
        reads = [database.fetch_all(untyped(GET_PID), {}, is_long=True) for _ in range(3)]
        assert len(await asyncio.gather(*reads)) == 3


async def test_burst_of_long_requests_does_not_delay_others(
    owner: Client, app: FastAPI, database_url: str
) -> None:
    database = app.state.server.database
    assert isinstance(database, PostgresqlDatabase)
    await owner.create_task(title="A task")
    paths = ["/api/v1/tasks?q=word", "/api/v1/tasks/stats", "/api/v1/tasks/export"] * 4
    async with connected_outside(database_url) as outside, outside.transaction():
        await outside.execute("LOCK TABLE task_tags, task_search")
        requests = [asyncio.create_task(owner.get(path)) for path in paths]
        await wait_for_lock_waiters(database_url, 1)
        assert (await owner.get("/api/v1/categories")).status_code == 200
        assert (await owner.get("/health")).status_code == 200
        assert database.long_reads.in_use == 1
    answers = await asyncio.gather(*requests)
    assert {answer.status_code for answer in answers} <= {200, 503}
    assert (await owner.get("/api/v1/tasks/stats")).status_code == 200
