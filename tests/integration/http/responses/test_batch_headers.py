"""Headers with the revision and batch of a write, and the same values in bodies."""

from typing import Any

import pytest
from fastapi import FastAPI

from taskstead.config.settings import Settings
from taskstead.db.database import Database
from tests.contract.references import resolve
from tests.harness.client import PASSWORD, Client
from tests.harness.settings import make_settings
from tests.integration.http.requests.test_authorisation import parse_table, send
from tests.integration.http.requests.world import build_world
from tests.integration.jobs.waiting import wait_for_job

TASKS = "/api/v1/tasks"
REVISION, BATCH = "taskstead-revision", "taskstead-batch"
# These requests write nothing to the log themselves: the work is done later or is not logged.
WITHOUT_REVISION = {
    f"{TASKS}/import",
    f"{TASKS}/bulk-process",
    "/api/v1/jobs/{job_id}/cancel",
}


async def read_newest_change(client: Client) -> tuple[str, str]:
    """Return revision and batch of the newest change of the workspace."""
    (newest,) = (await client.get("/api/v1/activity?limit=1")).json()["items"]
    return str(newest["revision"]), newest["batch"]


class TestWithoutWorker:
    """The server has no worker. The authorisation table expects that jobs stay in the queue."""

    @pytest.fixture
    def settings(self, database_url: str) -> Settings:
        return make_settings(database_url, run_worker=False)

    async def test_every_write_returns_its_revision_and_batch(
        self, client: Client, database: Database
    ) -> None:
        world = await build_world(client, database)
        owner = world.users["owner"].in_workspace(world.shared)
        checked = 0
        for row in parse_table():
            is_writing = row.method != "GET" and (
                row.scope in ("tasks:write", "tasks:purge")
                or row.path.startswith("/api/v1/workspaces/")
            )
            # Deleting the workspace is rejected here, because its name is missing.
            if not is_writing or row.statuses["owner"] >= 400:
                continue
            answer = await send(row, "owner", world)
            assert answer.is_success, f"{row}: {answer.text}"
            if row.path in WITHOUT_REVISION:
                assert REVISION not in answer.headers, row
                continue
            revision, batch = await read_newest_change(owner)
            assert answer.headers.get(REVISION) == revision, row
            assert answer.headers.get(BATCH, batch) == batch, row
            checked += 1
        assert checked > 30


async def test_writes_of_a_whole_workspace_return_the_batch(owner: Client) -> None:
    made = await owner.post("/api/v1/workspaces", json={"name": "Family"})
    path = f"/api/v1/workspaces/{made.json()['id']}"
    family = owner.in_workspace(made.json()["id"])
    deleted = await owner.delete(f"{path}?name=Family")
    restored = await owner.post(f"{path}/restore")
    newest, before, first = (await family.get("/api/v1/activity?limit=3")).json()["items"]
    for answer, change in ((made, first), (deleted, before), (restored, newest)):
        assert answer.headers[REVISION] == str(change["revision"])
        assert answer.headers[BATCH] == change["batch"]
    again = await owner.post(f"{path}/restore")
    assert again.headers[REVISION] == restored.headers[REVISION]
    assert BATCH not in again.headers


async def test_account_deletion_returns_the_batch_to_an_admin(
    owner: Client, client: Client
) -> None:
    ann = await client.register("ann@example.com")
    ann_id = (await ann.get("/auth/me")).json()["id"]
    deleted = await owner.post(f"/api/v1/admin/users/{ann_id}/delete", {})
    assert deleted.status_code == 204, deleted.text
    # The log of the personal workspace: the workspace, its owner, and now its deletion.
    assert deleted.headers[REVISION] == "3"
    assert BATCH in deleted.headers


async def test_deletion_of_the_own_account_returns_no_batch(client: Client) -> None:
    await client.register("owner@example.com")
    bob = await client.register("bob@example.com")
    own = await bob.post("/auth/me/delete", {"current_password": PASSWORD})
    assert own.status_code == 204, own.text
    assert not {REVISION, BATCH} & set(own.headers)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", TASKS, {"title": "New", "category": "Home", "tags": ["a"]}),
        ("PATCH", f"{TASKS}/1", {"title": "Other"}),
        ("PUT", f"{TASKS}/01a1fbf2-ac4e-7000-931d-7e4fa451c7fb", {"title": "New"}),
        ("DELETE", f"{TASKS}/1", None),
        ("DELETE", f"{TASKS}/1?permanent=true", None),
        ("POST", f"{TASKS}/1/move", {"to": "end"}),
        ("POST", f"{TASKS}/bulk", {"operations": [{"op": "trash", "id": 1}]}),
        ("POST", f"{TASKS}/2/restore", None),
        ("POST", "/api/v1/trash/empty", None),
        ("POST", "/api/v1/categories", {"name": "New"}),
        ("POST", "/api/v1/tags", {"name": "new"}),
        ("POST", "/items", {"title": "Old"}),
        ("DELETE", "/todos/1", None),
        ("PATCH", "/api/todo/1", {"title": "Old"}),
        ("POST", "/todos/bulk-process", {"ids": [1], "action": "complete"}),
    ],
)
async def test_replay_returns_the_batch_of_the_write(
    owner: Client, method: str, path: str, body: Any
) -> None:
    for _ in range(3):
        await owner.create_task()
    await owner.delete(f"{TASKS}/2")
    key = {"Idempotency-Key": "once"}
    first = await owner.request(method, path, json=body, headers=key)
    assert first.is_success, first.text
    head = await read_newest_change(owner)
    await owner.create_task()
    replay = await owner.request(method, path, json=body, headers=key)
    assert replay.headers["idempotency-replayed"] == "true"
    for answer in (first, replay):
        assert (answer.headers[REVISION], answer.headers[BATCH]) == head


async def test_write_without_changes_returns_no_batch(owner: Client) -> None:
    task = await owner.create_task(title="Same")
    for answer in (
        await owner.patch(f"{TASKS}/{task['id']}", {"title": "Same"}),
        await owner.post(f"{TASKS}/{task['id']}/restore"),
        await owner.post("/api/v1/trash/empty"),
    ):
        assert answer.headers[REVISION] == str(task["revision"])
        assert BATCH not in answer.headers


async def test_response_without_a_write_has_no_batch_headers(owner: Client) -> None:
    await owner.create_task()
    for answer in (
        await owner.get(f"{TASKS}/1"),
        await owner.patch(f"{TASKS}/99", {"title": "x"}),
        await owner.patch(f"{TASKS}/1", {"title": "x"}, headers={"If-Match": '"1"'}),
        await owner.post("/api/v1/tokens", {"name": "x", "scopes": ["tasks:read"]}),
    ):
        assert not {REVISION, BATCH} & set(answer.headers)


async def test_bulk_request_is_undone_by_its_batch(owner: Client) -> None:
    await owner.create_task(title="Before")
    operations = [
        {"op": "update", "id": 1, "task": {"title": "After"}},
        {"op": "create", "task": {"title": "New"}},
    ]
    dry = await owner.post(f"{TASKS}/bulk", {"operations": operations, "dry_run": True})
    assert (dry.json()["batch"], dry.json()["revision"]) == (None, None)
    assert not {REVISION, BATCH} & set(dry.headers)
    done = await owner.post(f"{TASKS}/bulk", {"operations": operations})
    body = done.json()
    assert (str(body["revision"]), body["batch"]) == await read_newest_change(owner)
    assert (done.headers[REVISION], done.headers[BATCH]) == (str(body["revision"]), body["batch"])
    undone = await owner.post(f"/api/v1/batches/{body['batch']}/undo")
    assert undone.headers[BATCH] == undone.json()["batch"]
    titles = [task["title"] for task in (await owner.get(TASKS)).json()["items"]]
    assert titles == ["Before"]


async def test_job_lists_the_batches_of_all_chunks(owner: Client) -> None:
    operations = [{"op": "create", "task": {"title": "A task"}} for _ in range(700)]
    assert (await owner.post(f"{TASKS}/bulk", {"operations": operations})).is_success
    body = {"filter": {}, "action": "set_priority", "priority": 1}
    accepted = await owner.post(f"{TASKS}/bulk-process", body)
    assert (accepted.json()["batches"], accepted.json()["revision"]) == ([], None)
    job = await wait_for_job(owner, accepted)
    assert len(job["batches"]) == 2
    assert (str(job["revision"]), job["batches"][-1]) == await read_newest_change(owner)
    for batch in reversed(job["batches"]):
        assert (await owner.post(f"/api/v1/batches/{batch}/undo")).status_code == 200
    assert (await owner.get(f"{TASKS}?priority=1")).json()["items"] == []
    again = await wait_for_job(
        owner, await owner.post(f"{TASKS}/bulk-process", {**body, "priority": 3})
    )
    assert (again["result"], again["batches"]) == ({"changed": 0}, [])


async def test_import_lists_its_batches(owner: Client) -> None:
    lines = "".join(f'{{"title": "Task {number}"}}\n' for number in range(300))
    accepted = await owner.post(f"{TASKS}/import?format=jsonl", content=lines)
    job = await wait_for_job(owner, accepted)
    assert len(job["batches"]) == 2
    assert (str(job["revision"]), job["batches"][-1]) == await read_newest_change(owner)


async def test_headers_are_documented_once(app: FastAPI) -> None:
    document = app.openapi()
    headers = document["paths"][TASKS]["post"]["responses"]["201"]["headers"]
    assert headers["Taskstead-Revision"] == {"$ref": "#/components/headers/TasksteadRevision"}
    assert headers["Taskstead-Batch"] == {"$ref": "#/components/headers/TasksteadBatch"}
    deletion = document["paths"][TASKS + "/{task}"]["delete"]
    trashed = resolve(document, deletion["responses"]["204"])["headers"]
    assert "Taskstead-Batch" in trashed
    assert "Taskstead-Batch" not in document["paths"][TASKS]["get"]["responses"]["200"]["headers"]
