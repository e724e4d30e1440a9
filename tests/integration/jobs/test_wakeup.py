"""Requests that enqueue a job wake the worker after their commit."""

import pytest

from taskstead.clock import get_now
from taskstead.config.settings import Settings
from taskstead.db.database import Database
from taskstead.http.app_state import Server
from taskstead.jobs.queue import claim_job, retry_or_fail_job
from tests.harness.client import PASSWORD, Client
from tests.harness.settings import make_settings

BULK_PROCESS = "/api/v1/tasks/bulk-process"
COMPLETE_ALL = {"filter": {}, "action": "complete"}


@pytest.fixture
def settings(database_url: str) -> Settings:
    return make_settings(database_url, run_worker=False)


async def is_woken(server: Server) -> bool:
    """Return whether a worker would have been woken since the last call."""
    was_set = server.wakeup.is_set
    await server.wakeup.wait(0)
    return was_set


async def fail_due_job(database: Database) -> str:
    job = await claim_job(database, worker="test", lease_seconds=30, clock=get_now)
    assert job is not None
    await retry_or_fail_job(database, job, "The disk is full.", is_final=True)
    return job.id


async def test_enqueued_job_wakes_the_worker(owner: Client, server: Server) -> None:
    assert not await is_woken(server)
    answer = await owner.post(BULK_PROCESS, COMPLETE_ALL)
    assert answer.is_success, answer.text
    assert await is_woken(server)


async def test_retried_job_wakes_the_worker(owner: Client, server: Server) -> None:
    job_id = (await owner.post(BULK_PROCESS, COMPLETE_ALL)).json()["id"]
    assert await fail_due_job(server.database) == job_id
    assert await is_woken(server)
    answer = await owner.post(f"/api/v1/admin/jobs/{job_id}/retry")
    assert answer.is_success, answer.text
    assert await is_woken(server)


async def test_account_deletion_by_its_user_wakes_the_worker(
    client: Client, server: Server
) -> None:
    await client.register("owner@example.com")
    ann = await client.register("ann@example.com")
    answer = await ann.post("/auth/me/delete", {"current_password": PASSWORD})
    assert answer.is_success, answer.text
    assert await is_woken(server)


async def test_account_deletion_by_an_administrator_wakes_the_worker(
    owner: Client, client: Client, server: Server
) -> None:
    ann_id = (await (await client.register("ann@example.com")).get("/auth/me")).json()["id"]
    answer = await owner.post(f"/api/v1/admin/users/{ann_id}/delete", {})
    assert answer.is_success, answer.text
    assert await is_woken(server)


async def test_repeated_request_does_not_wake_the_worker(owner: Client, server: Server) -> None:
    for is_first in (True, False):
        answer = await owner.post(BULK_PROCESS, COMPLETE_ALL, headers={"Idempotency-Key": "once"})
        assert answer.status_code == 202, answer.text
        assert await is_woken(server) is is_first
