"""``POST /api/v1/tasks/bulk-process``: one action on all tasks that match a filter."""

from typing import Any

import pytest

from taskstead.clock import get_now
from taskstead.config.settings import Settings
from taskstead.db.database import Database
from taskstead.faces.worker.loop import running_worker
from taskstead.http.app_state import Server
from taskstead.jobs.queue import claim_job, release_job
from taskstead.services.tasks.bulk.process import CHUNK, process_chunk
from tests.harness.client import Client
from tests.harness.settings import make_settings
from tests.integration.jobs.waiting import wait_for_job
from tests.integration.log.replica import Replica, check_change_log, read_log

PATH = "/api/v1/tasks/bulk-process"


async def process(client: Client, filter_: dict[str, Any], **action: Any) -> dict[str, Any]:
    """Start a job and wait for its end. Return the job."""
    return await wait_for_job(client, await client.post(PATH, {"filter": filter_, **action}))


async def create_many(client: Client, count: int, **fields: Any) -> None:
    for start in range(0, count, 1000):
        operations = [
            {"op": "create", "task": {"title": f"Task {number}", **fields}}
            for number in range(start, min(count, start + 1000))
        ]
        answer = await client.post("/api/v1/tasks/bulk", {"operations": operations})
        assert answer.status_code == 200, answer.text


async def get_tasks(client: Client, query: str = "") -> dict[int, Any]:
    """Return the tasks by their numbers."""
    found: dict[int, Any] = {}
    path = f"/api/v1/tasks?limit=200&deleted=include{query}"
    cursor: str | None = ""
    while cursor is not None:
        page = (await client.get(f"{path}&cursor={cursor}" if cursor else path)).json()
        found |= {task["number"]: task for task in page["items"]}
        cursor = page["next_cursor"]
    return found


@pytest.mark.engines("sqlite", "postgresql")
async def test_accepted_job_reports_its_result(owner: Client) -> None:
    await owner.create_task(priority=1)
    await owner.create_task(priority=5)
    started = await owner.post(
        PATH, {"filter": {"priority": [1]}, "action": "set_priority", "priority": 2}
    )
    assert started.status_code == 202
    begun = started.json()
    assert (begun["kind"], begun["state"], begun["total"]) == ("bulk_process", "queued", None)
    job = await wait_for_job(owner, started)
    assert (job["state"], job["done"], job["total"], job["failed"]) == ("done", 1, 1, 0)
    assert job["result"] == {"changed": 1}
    assert job["finished_at"] > job["created_at"]
    assert [task["priority"] for task in (await get_tasks(owner)).values()] == [5, 2]
    assert (await owner.get("/api/v1/jobs")).json()["items"] == [job]


def _simplify(name: str, value: Any) -> Any:
    if name == "tags":
        return sorted(tag.lower() for tag in value)
    return value["name"] if isinstance(value, dict) else value


@pytest.mark.parametrize(
    ("action", "changed", "expected"),
    [
        ({"action": "complete"}, 3, {"status": ["done"] * 4}),
        (
            {"action": "move", "category": "New"},
            4,
            {"category": ["New"] * 4},
        ),
        ({"action": "move", "category": None}, 1, {"category": [None] * 4}),
        (
            {"action": "add_tag", "tag": "A"},
            3,
            {"tags": [["a"], ["A", "b"], ["a"], ["a"]]},
        ),
        ({"action": "remove_tag", "tag": "A"}, 1, {"tags": [[], ["b"], [], []]}),
        ({"action": "set_priority", "priority": 4}, 4, {"priority": [4] * 4}),
        (
            {"action": "shift_due_dates", "days": -1},
            3,
            {
                "due_date": [
                    "2026-11-30",
                    "2026-11-30T09:00:00.5",
                    "2026-10-24T12:00:00+02:00",
                    None,
                ]
            },
        ),
    ],
    ids=lambda value: value.get("action") if isinstance(value, dict) else None,
)
async def test_action_changes_the_matching_tasks(
    owner: Client,
    database: Database,
    action: dict[str, Any],
    changed: int,
    expected: dict[str, list[Any]],
) -> None:
    await owner.create_task(due_date="2026-12-01", category="Old", tags=["a"])
    await owner.create_task(due_date="2026-12-01T09:00:00.5", tags=["b"])
    await owner.create_task(
        due_date="2026-10-25T12:00:00+01:00", due_time_zone="Europe/Berlin", status="done"
    )
    await owner.create_task(title="Cancelled", status="cancelled")
    await owner.create_task(title="In the trash")
    await owner.delete("/api/v1/tasks/5")
    before = (await get_tasks(owner))[5]
    job = await process(owner, {}, **action)
    assert (job["state"], job["done"], job["total"]) == ("done", 4, 4)
    assert job["result"] == {"changed": changed}
    tasks = await get_tasks(owner)
    assert tasks[5] == before
    for name, values in expected.items():
        found = [_simplify(name, tasks[number][name]) for number in (1, 2, 3, 4)]
        assert found == [_simplify(name, value) for value in values]
    me = (await owner.get("/auth/me")).json()
    await check_change_log(database, Replica(me["personal_workspace_id"]))


async def test_trash_includes_sub_tasks(owner: Client) -> None:
    await owner.create_task(title="Root")
    await owner.create_task(title="Below", parent=1)
    await owner.create_task(title="Another", priority=1)
    job = await process(owner, {"priority": [3]}, action="trash")
    assert (job["done"], job["total"], job["result"]) == (2, 2, {"changed": 2})
    tasks = await get_tasks(owner)
    assert [tasks[number]["deleted_at"] is None for number in (1, 2, 3)] == [False, False, True]


@pytest.mark.engines("sqlite", "postgresql")
async def test_each_chunk_is_a_batch_in_the_log(owner: Client, database: Database) -> None:
    await create_many(owner, CHUNK + 3)
    job = await process(owner, {}, action="add_tag", tag="x")
    assert (job["done"], job["total"], job["state"]) == (CHUNK + 3, CHUNK + 3, "done")
    me = (await owner.get("/auth/me")).json()
    log = await read_log(database, me["personal_workspace_id"])
    changes = [change for change in log if change["action"] == "updated"]
    assert len({change["entity_id"] for change in changes}) == len(changes) == CHUNK + 3
    assert len({change["batch_id"] for change in changes}) == 2
    # The changes name the user and the session that requested the job.
    assert {(change["user_id"], change["credential_id"]) for change in changes} == {
        (log[-1]["user_id"], log[2]["credential_id"])
    }


async def test_failed_tasks_do_not_stop_the_job(owner: Client) -> None:
    await owner.create_task(due_date="9999-12-30")
    await owner.create_task(due_date="2026-12-01")
    many = [f"tag {number}" for number in range(100)]
    await owner.create_task(tags=many)
    job = await process(owner, {}, action="shift_due_dates", days=7)
    assert (job["state"], job["done"], job["failed"]) == ("done", 3, 1)
    assert [(fault["item"], fault["code"]) for fault in job["errors"]] == [(1, "due_date")]
    job = await process(owner, {}, action="add_tag", tag="one more")
    assert [(fault["item"], fault["code"]) for fault in job["errors"]] == [(3, "validation_failed")]
    assert job["result"] == {"changed": 2}


@pytest.mark.engines("sqlite", "postgresql")
async def test_tasks_are_filtered_by_search(owner: Client) -> None:
    await owner.create_task(title="Milk")
    await owner.create_task(title="Bread")
    job = await process(owner, {"q": "milk"}, action="complete")
    assert (job["total"], job["result"]) == (1, {"changed": 1})


async def test_job_without_matching_tasks_is_done(owner: Client) -> None:
    await owner.create_task(title="Milk")
    job = await process(owner, {"q": "milk -milk", "completed": False}, action="complete")
    assert (job["state"], job["total"], job["done"]) == ("done", 0, 0)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"action": "complete"}, ""),
        ({"filter": {}}, "/action"),
        ({"filter": {}, "action": "shred"}, "/action"),
        ({"filter": {}, "action": "move"}, ""),
        ({"filter": {}, "action": "set_priority", "priority": 6}, "/priority"),
        ({"filter": {}, "action": "complete", "priority": 1}, "/priority"),
        ({"filter": {"priority": [9]}, "action": "complete"}, "/filter/priority/0"),
        ({"filter": {"color": 1}, "action": "complete"}, "/filter/color"),
        ({"filter": {"completed": "yes"}, "action": "complete"}, "/filter/completed"),
        ({"filter": {"deleted": "only"}, "action": "trash"}, "/filter/deleted"),
        ({"filter": {}, "action": "shift_due_dates", "days": 1.5}, "/days"),
    ],
)
@pytest.mark.engines("sqlite")
async def test_invalid_requests_are_rejected(
    owner: Client, body: dict[str, Any], pointer: str
) -> None:
    answer = await owner.post(PATH, body)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"] == pointer


class TestDuringAJob:
    """Tests in which the worker runs only when the test calls it."""

    @pytest.fixture
    def settings(self, database_url: str) -> Settings:
        return make_settings(database_url, run_worker=False)

    async def test_job_fails_when_its_user_loses_permission(
        self, owner: Client, client: Client, server: Server
    ) -> None:
        guest = await client.register("guest@example.com")
        workspace = (await owner.post("/api/v1/workspaces", {"name": "Shared"})).json()["id"]
        members = f"/api/v1/workspaces/{workspace}/members"
        member = (await owner.post(members, {"email": "guest@example.com"})).json()
        shared = guest.in_workspace(workspace)
        await create_many(shared, CHUNK + 1)
        started = await shared.post(PATH, {"filter": {}, "action": "complete"})
        claimed = await claim_job(server.database, worker="first", lease_seconds=600, clock=get_now)
        assert claimed is not None
        # The selection is stored, and one of the two chunks is done.
        assert [await process_chunk(server.database, claimed) for _ in range(2)] == [False] * 2
        await release_job(server.database, claimed)
        await owner.patch(f"{members}/{member['user_id']}", {"role": "viewer"})
        async with running_worker(
            server.database, server.wakeup, settings=server.settings, clock=server.clock
        ):
            job = await wait_for_job(owner.in_workspace(workspace), started)
        assert (job["state"], job["done"]) == ("failed", CHUNK)
        assert "may no longer change tasks" in job["error"]

    async def test_job_fails_when_a_name_in_its_filter_was_deleted(
        self, owner: Client, server: Server
    ) -> None:
        await owner.create_task(tags=["gym"])
        await owner.create_task()
        started = await owner.post(PATH, {"filter": "not @gym", "action": "trash"})
        (tag,) = (await owner.get("/api/v1/tags")).json()["items"]
        await owner.delete(f"/api/v1/tags/{tag['id']}")
        async with running_worker(
            server.database, server.wakeup, settings=server.settings, clock=server.clock
        ):
            job = await wait_for_job(owner, started)
        assert (job["state"], job["batches"]) == ("failed", [])
        assert 'There is no tag "gym"' in job["error"]
        assert len(await get_tasks(owner)) == 2
