"""A synchronous standby is missing: responses that acknowledge a write wait for it, too.

The test cancels the wait at the server, instead of waiting for the time limit of 35 seconds.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from taskstead.config.settings import Settings
from taskstead.db.database import Database
from taskstead.db.migrate import ensure_migrated
from tests.harness.client import Client
from tests.harness.servers.postgres import PostgresServer, running_postgres, running_standby
from tests.harness.settings import make_settings
from tests.system.durability.writers import TIMEOUT_SECONDS

pytestmark = pytest.mark.system

TASKS = "/api/v1/tasks"
KEY = {"Idempotency-Key": "0b8c1c6e-6f0e-4d0c-9a27-7d2c5c7f3f11"}
TASK_ID = "01a1fcbd-1f0e-7000-8d3f-2f5f1f1f2c55"

Send = Callable[[], Awaitable[httpx2.Response]]

_WAITERS = "FROM pg_stat_activity WHERE application_name = 'taskstead' AND wait_event = 'SyncRep'"


@dataclass
class Pair:
    """A PostgreSQL server and the standby that each of its commits waits for."""

    primary: PostgresServer
    standby: PostgresServer

    async def expect_wait(self, answering: "asyncio.Task[httpx2.Response]") -> None:
        """Wait until a commit waits for the standby. A response before that is an error."""
        async with asyncio.timeout(TIMEOUT_SECONDS):
            while (await self._run(f"SELECT count(*) {_WAITERS}")) == "0":
                assert not answering.done(), answering.result().text

    async def cancel_waits(self) -> None:
        """Cancel the wait, as the client's own timeout does. The transaction stays committed."""
        await self._run(f"SELECT pg_cancel_backend(pid) {_WAITERS}")

    async def _run(self, sql: str) -> str:
        return await asyncio.to_thread(self.primary.run_sql, sql)


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    with running_postgres(durable=True) as primary, running_standby(primary) as standby:
        for sql in ("ALTER SYSTEM SET synchronous_standby_names = '*'", "SELECT pg_reload_conf()"):
            primary.run_sql(sql)
        yield Pair(primary, standby)


@pytest.fixture
def settings(pair: Pair, request: pytest.FixtureRequest) -> Iterator[Settings]:
    name = f"tasks_{abs(hash(request.node.name))}"
    url = pair.primary.create_database(name)
    asyncio.run(ensure_migrated(url))
    yield make_settings(url, run_worker=False)
    pair.primary.drop_database(name)


@pytest.fixture
async def pair_with_frozen_standby(pair: Pair, owner: Client) -> AsyncIterator[Pair]:
    """The pair, with a standby that does not answer until the end of the test."""
    del owner
    pair.standby.freeze()
    try:
        yield pair
    finally:
        pair.standby.thaw()


async def check_waits(pair: Pair, send: Send, *statuses: int) -> None:
    """Check that a repeated request waits for the standby each time, as the first one does.

    Args:
        pair: the servers, with a frozen standby. It is thawed at the end.
        send: sends the request.
        statuses: the permitted statuses of the response once the standby is available.
    """
    for _ in range(3):
        answering = asyncio.ensure_future(send())
        await pair.expect_wait(answering)
        await pair.cancel_waits()
        answer = await answering
        assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
    answering = asyncio.ensure_future(send())
    await pair.expect_wait(answering)
    pair.standby.thaw()
    answer = await answering
    assert answer.status_code in statuses, answer.text


async def test_replayed_response_waits(pair_with_frozen_standby: Pair, owner: Client) -> None:
    body = {"title": "Pay the rent"}
    await check_waits(pair_with_frozen_standby, lambda: owner.post(TASKS, body, headers=KEY), 201)
    answer = await owner.post(TASKS, body, headers=KEY)
    assert answer.headers["Idempotency-Replayed"] == "true"
    (item,) = (await owner.get(TASKS)).json()["items"]
    assert item["id"] == answer.json()["id"]


async def test_response_with_an_unstored_secret_waits(
    pair_with_frozen_standby: Pair, owner: Client
) -> None:
    body = {"name": "Script", "scopes": ["tasks:read"]}
    await check_waits(
        pair_with_frozen_standby, lambda: owner.post("/api/v1/tokens", body, headers=KEY), 409
    )


@pytest.mark.parametrize("headers", [{}, {"If-None-Match": "*"}], ids=["put", "if-none-match"])
async def test_put_with_the_same_content_waits(
    pair_with_frozen_standby: Pair, owner: Client, headers: dict[str, str]
) -> None:
    body = {"title": "Pay the rent"}
    path = f"{TASKS}/{TASK_ID}"
    await check_waits(
        pair_with_frozen_standby,
        lambda: owner.put(path, body, headers=headers),
        412 if headers else 200,
    )


async def test_creation_with_an_existing_id_waits(
    pair_with_frozen_standby: Pair, owner: Client
) -> None:
    body = {"title": "Pay the rent", "id": TASK_ID}
    await check_waits(pair_with_frozen_standby, lambda: owner.post(TASKS, body), 409)


async def test_patch_without_changes_waits(pair: Pair, owner: Client) -> None:
    task = await owner.create_task()
    pair.standby.freeze()
    try:
        path = f"{TASKS}/{task['id']}"
        await check_waits(pair, lambda: owner.patch(path, {"title": "New"}), 200)
    finally:
        pair.standby.thaw()


async def test_repeated_cancellation_of_a_job_waits(pair: Pair, owner: Client) -> None:
    await owner.create_task()
    process = {"filter": {}, "action": "trash"}
    job: dict[str, Any] = (await owner.post(f"{TASKS}/bulk-process", process)).json()
    pair.standby.freeze()
    try:
        await check_waits(pair, lambda: owner.post(f"/api/v1/jobs/{job['id']}/cancel"), 200)
    finally:
        pair.standby.thaw()


async def test_reads_do_not_wait(
    pair_with_frozen_standby: Pair, owner: Client, database: Database
) -> None:
    del pair_with_frozen_standby
    assert (await owner.get(TASKS)).status_code == 200
    assert database.meter.commits > 0
