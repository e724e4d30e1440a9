"""Job worker: stop between chunks, cancellation, failure and polling; the list of jobs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import httpx2
import pytest
from fastapi import FastAPI

from taskstead.app import create_app
from taskstead.background import run_worker_process
from taskstead.clock import get_now
from taskstead.config.settings import Settings
from taskstead.db.database import Database, Transaction
from taskstead.faces.worker.loop import running_worker
from taskstead.http.app_state import Server
from taskstead.jobs.queue import enqueue_job
from taskstead.queries.system.jobs import get_job
from taskstead.services.tasks.bulk.process import CHUNK
from tests.harness.client import Client
from tests.harness.settings import make_settings
from tests.integration.db.things import connected_outside
from tests.integration.jobs.waiting import ACTIVE, wait_for_job
from tests.integration.tasks.bulk.test_processing import PATH, create_many

# Ends the connections that wait for the lock of a workspace.
END_LOCKED = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    " AND query LIKE 'UPDATE workspaces%'"
)
SHIFT = {"filter": {}, "action": "shift_due_dates", "days": 1}


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[tuple[FastAPI, Client]]:
    app = create_app(settings)
    transport = httpx2.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=transport, base_url="http://testserver") as http,
    ):
        yield app, Client(http)


class GatedDatabase:
    """The database of a worker. Its transactions wait at a gate, except for the first ones.

    Attributes:
        is_reached: set when a transaction waits at the gate.
        is_open: the gate. The test sets it.
    """

    def __init__(self, database: Database, *, free: int) -> None:
        self.is_reached = asyncio.Event()
        self.is_open = asyncio.Event()
        self._database = database
        self._free = free

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)

    @asynccontextmanager
    async def transaction(self, workspace_id: str | None = None) -> AsyncIterator[Transaction]:
        if self._free:
            self._free -= 1
        else:
            self.is_reached.set()
            await self.is_open.wait()
        async with self._database.transaction(workspace_id) as transaction:
            yield transaction


@asynccontextmanager
async def running_worker_of(server: Server, gated: GatedDatabase) -> AsyncIterator[None]:
    """Run a worker of the application on a gated database."""
    database = cast("Database", gated)
    async with running_worker(
        database, server.wakeup, settings=server.settings, clock=server.clock
    ):
        yield


async def test_job_interrupted_by_a_stop_is_resumed(database_url: str) -> None:
    # No lease has to expire, because the stopped worker released the job.
    settings = make_settings(database_url, run_worker=False, job_lease_seconds=3600)
    count = 6 * CHUNK
    async with running(settings) as (app, client):
        owner = await client.register("owner@example.com")
        await create_many(owner, count, due_date="2026-12-01")
        # The claim, the list of the tasks and the first chunk.
        gated = GatedDatabase(app.state.server.database, free=3)
        async with running_worker_of(app.state.server, gated):
            started = await owner.post(PATH, SHIFT)
            async with asyncio.timeout(60):
                await gated.is_reached.wait()
            # The gate opens in the next iteration of the event loop, when the stop was requested.
            asyncio.get_running_loop().call_soon(gated.is_open.set)
        job = (await owner.get(started.headers["location"])).json()
        assert (job["state"], job["done"]) == ("queued", 2 * CHUNK)
    async with running(make_settings(database_url, job_lease_seconds=3600)) as (_, client):
        owner = await client.log_in("owner@example.com")
        job = await wait_for_job(owner, started)
        assert (job["state"], job["done"], job["result"]) == ("done", count, {"changed": count})
        page = await owner.get("/api/v1/tasks?due_on=2026-12-02&include_total=true")
        assert page.json()["total"] == count


async def test_separate_worker_runs_jobs_of_the_servers(database_url: str) -> None:
    settings = make_settings(database_url, run_worker=False, job_poll_seconds=0.05)
    stop = asyncio.Event()
    worker = asyncio.create_task(run_worker_process(settings, stop, clock=get_now))
    async with running(settings) as (_, client):
        owner = await client.register("owner@example.com")
        await owner.create_task(due_date="2026-12-01")
        job = await wait_for_job(owner, await owner.post(PATH, SHIFT))
        assert job["state"] == "done"
    stop.set()
    async with asyncio.timeout(60):
        await worker


class TestCancellation:
    """Cancellation of a running job, whose worker is held between two chunks."""

    @pytest.fixture
    def settings(self, database_url: str) -> Settings:
        # The lease is not renewed during the test.
        return make_settings(database_url, run_worker=False, job_lease_seconds=3600)

    async def test_running_job_is_cancelled_between_chunks(
        self, owner: Client, server: Server
    ) -> None:
        count = 6 * CHUNK
        await create_many(owner, count, due_date="2026-12-01")
        # The claim, the list of the tasks and the first chunk.
        gated = GatedDatabase(server.database, free=3)
        async with running_worker_of(server, gated):
            started = await owner.post(PATH, SHIFT)
            try:
                async with asyncio.timeout(60):
                    await gated.is_reached.wait()
                path = f"{started.headers['location']}/cancel"
                answer = await owner.post(path)
            finally:
                gated.is_open.set()
        # The block ends when the worker has stopped, after an attempt to run the second chunk.
        cancelled = answer.json()
        assert (answer.status_code, cancelled["state"]) == (200, "cancelled"), answer.text
        assert (cancelled["done"], cancelled["total"]) == (CHUNK, count)
        assert (await owner.get(started.headers["location"])).json() == cancelled
        page = await owner.get("/api/v1/tasks?due_on=2026-12-02&include_total=true&limit=1")
        assert page.json()["total"] == CHUNK
        assert (await owner.post(path)).json()["state"] == "cancelled"


async def test_finished_job_cannot_be_cancelled(owner: Client) -> None:
    job = await wait_for_job(owner, await owner.post(PATH, SHIFT))
    answer = await owner.post(f"/api/v1/jobs/{job['id']}/cancel")
    assert (answer.status_code, answer.json()["code"]) == (409, "job_ended")
    assert (await owner.get(f"/api/v1/jobs/{job['id']}")).json() == job


async def test_jobs_are_listed_newest_first_in_pages(owner: Client) -> None:
    ids = [(await wait_for_job(owner, await owner.post(PATH, SHIFT)))["id"] for _ in range(3)]
    page = (await owner.get("/api/v1/jobs?limit=2")).json()
    rest = (await owner.get(f"/api/v1/jobs?limit=2&cursor={page['next_cursor']}")).json()
    assert [job["id"] for job in page["items"] + rest["items"]] == ids[::-1]
    assert rest["next_cursor"] is None


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("unknown", ("failed", "This version has no job kind unknown.")),
        # An internal error is retried, and the error is visible in the job.
        ("bulk_process", ("queued", "KeyError: 'process'")),
    ],
)
async def test_error_of_a_job_is_visible(
    owner: Client, server: Server, kind: str, expected: tuple[str, str]
) -> None:
    me = (await owner.get("/auth/me")).json()
    workspace_id = me["personal_workspace_id"]
    async with server.database.transaction() as transaction:
        job_id = await enqueue_job(
            transaction,
            kind=kind,
            payload={},
            workspace_id=workspace_id,
            user_id=me["id"],
            now=server.clock(),
        )
    server.wakeup.notify()
    row = await get_job(server.database, workspace_id, job_id)
    for _ in range(6000):
        if row["error"] is not None:
            break
        await asyncio.sleep(0.01)
        row = await get_job(server.database, workspace_id, job_id)
    assert (row["state"], row["error"]) == expected


@pytest.mark.engines("postgresql")
async def test_job_is_retried_after_a_lost_connection(owner: Client, database_url: str) -> None:
    await owner.create_task(due_date="2026-12-01")
    async with (
        asyncio.timeout(60),
        connected_outside(database_url) as outside,
        outside.transaction(),
    ):
        # The job can be queued, but its chunk waits for the lock.
        await outside.execute("SELECT id FROM workspaces FOR NO KEY UPDATE")
        started = await owner.post(PATH, SHIFT)
        assert started.status_code == 202, started.text
        job = started.json()
        while job["error"] is None:
            # Without this, a transaction sees the same activity each time.
            await outside.execute("SELECT pg_stat_clear_snapshot()")
            await outside.execute(END_LOCKED)
            job = (await owner.get(started.headers["location"])).json()
    assert "database" in job["error"]
    assert job["state"] in ACTIVE


async def test_idle_worker_sends_one_statement_per_poll(database_url: str) -> None:
    poll_seconds = 0.1
    settings = make_settings(database_url, job_poll_seconds=poll_seconds)
    async with running(settings) as (app, _):
        meter = app.state.server.database.meter
        loop = asyncio.get_running_loop()
        before, began = meter.statements, loop.time()
        await asyncio.sleep(1)
        statements, seconds = meter.statements - before, loop.time() - began
        assert statements <= seconds / poll_seconds + 1
        async with asyncio.timeout(60):
            while meter.statements == before:  # noqa: ASYNC110 - no event to wait for
                await asyncio.sleep(0.01)
