"""Administration API: jobs of the whole server."""

from typing import Any

import pytest

from taskstead.clock import get_now
from taskstead.config.settings import Settings
from taskstead.db.database import Database
from taskstead.jobs.queue import add_job_parts, claim_job, retry_or_fail_job
from taskstead.queries.system.jobs import find_job_part
from taskstead.services.housekeeping import enqueue_housekeeping
from tests.harness.client import Client
from tests.harness.problems import check_problem
from tests.harness.settings import make_settings

JOBS = "/api/v1/admin/jobs"


@pytest.fixture
def settings(database_url: str) -> Settings:
    return make_settings(database_url, run_worker=False)


@pytest.fixture
async def job(owner: Client, client: Client, database: Database) -> dict[str, Any]:
    """A job of another user. A housekeeping job exists, too."""
    del owner
    ann = await client.register("ann@example.com")
    body = {"filter": {"tag": ["x"]}, "action": "complete"}
    made: dict[str, Any] = (await ann.post("/api/v1/tasks/bulk-process", body)).json()
    await enqueue_housekeeping(database, now=get_now(), trash_days=1)
    return made


async def fail(database: Database, job_id: str) -> None:
    async with database.transaction() as transaction:
        await add_job_parts(transaction, job_id, [b"part"])
    claimed = await claim_job(database, worker="test", lease_seconds=30, clock=get_now)
    assert claimed is not None
    assert claimed.id == job_id
    await retry_or_fail_job(database, claimed, "The disk is full.", is_final=True)


@pytest.mark.usefixtures("job")
async def test_jobs_are_listed_newest_first_in_pages(owner: Client) -> None:
    first = (await owner.get(f"{JOBS}?limit=1")).json()
    rest = (await owner.get(f"{JOBS}?limit=1&cursor={first['next_cursor']}")).json()
    assert [first["items"][0]["kind"], rest["items"][0]["kind"]] == ["housekeeping", "bulk_process"]
    assert rest["next_cursor"] is None
    assert first["items"][0]["workspace_id"] is None


@pytest.mark.usefixtures("job")
async def test_jobs_are_filtered(owner: Client) -> None:
    for query, count in (
        *(("state=queued", 2), ("state=done", 0), ("state=done&state=queued", 2)),
        *(("kind=bulk_process", 1), ("kind=import", 0), ("kind=bulk_process&state=failed", 0)),
    ):
        assert len((await owner.get(f"{JOBS}?{query}")).json()["items"]) == count, query
    check_problem(await owner.get(f"{JOBS}?state=x"), 422, "validation_failed")


async def test_job_of_another_user_is_shown(owner: Client, job: dict[str, Any]) -> None:
    one = (await owner.get(f"{JOBS}/{job['id']}")).json()
    assert {name: one[name] for name in job} == job
    check_problem(await owner.get(f"{JOBS}/{'0' * 32}"), 404, "not_found")


async def test_job_is_cancelled(owner: Client, job: dict[str, Any]) -> None:
    for _ in range(2):
        answer = await owner.post(f"{JOBS}/{job['id']}/cancel")
        assert answer.json()["state"] == "cancelled"
    events = (await owner.get("/api/v1/admin/audit?kind=job.cancelled")).json()["items"]
    assert [event["subject_id"] for event in events] == [job["id"]]


async def test_failed_job_is_retried(
    owner: Client, database: Database, job: dict[str, Any]
) -> None:
    path = f"{JOBS}/{job['id']}"
    check_problem(await owner.post(f"{path}/retry"), 409, "job_not_failed")
    await fail(database, job["id"])
    assert (await owner.get(path)).json()["error"] == "The disk is full."
    check_problem(await owner.post(f"{path}/cancel"), 409, "job_ended")
    retried = (await owner.post(f"{path}/retry")).json()
    assert (retried["state"], retried["error"], retried["finished_at"]) == ("queued", None, None)
    assert await find_job_part(database, job["id"], 0) == b"part", "its target exists"
    events = (await owner.get("/api/v1/admin/audit?kind=job.retried")).json()["items"]
    assert [event["details"] for event in events] == [{"job": "bulk_process"}]
