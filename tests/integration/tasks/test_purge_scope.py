"""Permanent deletion needs a scope of its own in every operation."""

from typing import Any

import pytest

from taskstead.clock import get_now
from taskstead.config.settings import Settings
from taskstead.db.database import Database
from taskstead.errors import InsufficientScopeError
from taskstead.jobs.queue import claim_job
from taskstead.services.job_auth import make_job_context
from taskstead.services.tasks.purge import purge_task
from tests.harness.client import Client
from tests.harness.problems import check_problem
from tests.harness.settings import make_settings
from tests.integration.http.requests.world import make_token

TASKS = "/api/v1/tasks"
PURGE: dict[str, Any] = {"op": "purge", "id": 1}


@pytest.fixture
def settings(database_url: str) -> Settings:
    # Without a worker, jobs stay in the queue, where a test can claim them.
    return make_settings(database_url, run_worker=False)


@pytest.fixture
async def writer(owner: Client) -> Client:
    """A program whose token has ``tasks:write`` but no scope for permanent deletion."""
    for _ in range(2):
        await owner.create_task()
    await owner.delete(f"{TASKS}/2")
    return await make_token(owner, scopes=["tasks:read", "tasks:write"])


async def count_tasks(client: Client) -> int:
    return len((await client.get(f"{TASKS}?deleted=include")).json()["items"])


async def test_tasks_write_does_not_permit_purging(writer: Client) -> None:
    for answer in (
        await writer.delete(f"{TASKS}/1?permanent=true"),
        await writer.delete(f"{TASKS}/99?permanent=true"),
        await writer.post("/api/v1/trash/empty"),
        await writer.post(f"{TASKS}/bulk", {"operations": [PURGE]}),
        await writer.post(f"{TASKS}/bulk", {"operations": [PURGE], "dry_run": True}),
    ):
        check_problem(answer, 403, "insufficient_scope")
        assert 'scope="tasks:purge"' in answer.headers["www-authenticate"]
    assert await count_tasks(writer) == 2
    assert (await writer.delete(f"{TASKS}/1")).status_code == 204


UPDATE_AND_PURGE = [{"op": "update", "id": 1, "task": {"title": "Changed"}}, PURGE]


async def test_atomic_bulk_request_without_the_scope_changes_nothing(writer: Client) -> None:
    answer = await writer.post(f"{TASKS}/bulk", {"operations": UPDATE_AND_PURGE})
    problem = check_problem(answer, 403, "insufficient_scope")
    assert problem["errors"][0]["pointer"] == "/operations/1/op"
    assert (await writer.get(f"{TASKS}/1")).json()["title"] == "A task"
    assert await count_tasks(writer) == 2


async def test_bulk_request_without_the_scope_runs_other_operations(writer: Client) -> None:
    body = {"operations": UPDATE_AND_PURGE, "atomic": False}
    results = (await writer.post(f"{TASKS}/bulk", body)).json()["results"]
    assert [result["status"] for result in results] == [200, 403]
    assert results[1]["problem"]["code"] == "insufficient_scope"
    assert (await writer.get(f"{TASKS}/1")).json()["title"] == "Changed"
    assert await count_tasks(writer) == 2


async def test_token_with_the_scope_purges(owner: Client, writer: Client) -> None:
    program = await make_token(owner, scopes=["tasks:read", "tasks:write", "tasks:purge"])
    assert (await program.post("/api/v1/trash/empty")).json() == {"purged": 1}
    third = (await program.create_task())["number"]
    assert (await program.delete(f"{TASKS}/{third}?permanent=true")).status_code == 204
    assert (await program.post(f"{TASKS}/bulk", {"operations": [PURGE]})).is_success
    assert await count_tasks(writer) == 0


async def test_token_cannot_grant_the_scope_without_having_it(owner: Client) -> None:
    maker = await make_token(owner, scopes=["account:write", "tasks:write"])
    wanted = {"name": "x", "scopes": ["tasks:purge"]}
    check_problem(await maker.post("/api/v1/tokens", wanted), 403, "insufficient_scope")


async def test_logged_in_user_has_the_scope(owner: Client, writer: Client) -> None:
    assert (await owner.delete(f"{TASKS}/1?permanent=true")).status_code == 204
    assert (await owner.post("/api/v1/trash/empty")).json() == {"purged": 1}
    assert await count_tasks(writer) == 0


async def test_job_has_the_scopes_of_its_request(
    owner: Client, writer: Client, database: Database
) -> None:
    body = {"filter": {}, "action": "complete"}
    for client in (writer, owner):
        assert (await client.post(f"{TASKS}/bulk-process", body)).status_code == 202
        job = await claim_job(database, worker="test", lease_seconds=30, clock=get_now)
        assert job is not None
        ctx = await make_job_context(database, job)
        if client is owner:
            await purge_task(ctx, "1")
        else:
            with pytest.raises(InsufficientScopeError):
                await purge_task(ctx, "1")
    assert await count_tasks(owner) == 1
