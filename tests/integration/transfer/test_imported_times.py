"""Times and trash state in imported files."""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import update

from taskstead.db.database import Database
from taskstead.ids import make_id
from taskstead.tables.tasks import tasks
from tests.harness.client import Client
from tests.integration.transfer.files import import_all, make_lines

OLD, NEW, FUTURE = "2020-11-21T09:00:00Z", "2021-01-01T09:00:00Z", "2999-01-01T00:00:00Z"


async def import_one(client: Client, kind: str, **fields: str) -> dict[str, Any]:
    """Import a completed task with the given times. Return it."""
    values = {"title": "Add test", "status": "done", **fields}
    if kind == "csv":
        content = f"{','.join(values)}\n{','.join(values.values())}\n".encode()
    else:
        content = make_lines(values)
    job = await import_all(client, content, kind, "?on_conflict=replace")
    assert job["errors"] == []
    (task,) = (await client.get("/api/v1/tasks")).json()["items"]
    found: dict[str, Any] = task
    return found


@pytest.mark.parametrize("kind", ["jsonl", "csv"])
@pytest.mark.parametrize(
    ("given", "created", "completed"),
    [
        ({"completed_at": OLD}, OLD, OLD),
        ({"completed_at": OLD, "created_at": NEW}, OLD, OLD),
        ({"completed_at": NEW, "created_at": OLD}, OLD, NEW),
        ({"created_at": FUTURE}, FUTURE, FUTURE),
    ],
)
async def test_completion_is_not_before_creation(
    owner: Client, kind: str, given: dict[str, str], created: str, completed: str
) -> None:
    task = await import_one(owner, kind, **given)
    assert (task["created_at"], task["completed_at"]) == (created, completed)
    assert task["updated_at"] >= task["created_at"]
    statistics = (await owner.get("/api/v1/tasks/stats")).json()
    assert statistics["median_seconds_to_done"] >= 0


@pytest.mark.parametrize("kind", ["jsonl", "csv"])
async def test_replaced_task_keeps_its_times_in_order(owner: Client, kind: str) -> None:
    task = await owner.create_task()
    replaced = await import_one(owner, kind, id=task["id"], completed_at=OLD)
    assert (replaced["created_at"], replaced["completed_at"]) == (OLD, OLD)


@pytest.mark.parametrize("kind", ["jsonl", "csv"])
@pytest.mark.parametrize("given", [{"created_at": NEW}, {}])
async def test_update_is_not_before_creation(
    owner: Client, kind: str, given: dict[str, str]
) -> None:
    task = await import_one(owner, kind, updated_at=OLD, **given)
    assert task["updated_at"] >= task["created_at"]
    if given:
        assert (task["created_at"], task["updated_at"]) == (NEW, NEW)


async def test_completed_todotxt_line_sets_both_times(owner: Client) -> None:
    job = await import_all(owner, b"x 2020-11-21 Add test\n", "todotxt")
    assert job["errors"] == []
    (task,) = (await owner.get("/api/v1/tasks")).json()["items"]
    assert task["created_at"] == task["completed_at"] == "2020-11-21T00:00:00Z"


async def test_completion_by_a_slow_clock_is_not_before_creation(owner: Client) -> None:
    await import_all(owner, make_lines({"title": "A", "created_at": FUTURE}))
    done = (await owner.patch("/api/v1/tasks/1", {"completed": True})).json()
    assert done["completed_at"] == FUTURE
    # A change of another field leaves both times unchanged.
    assert (await owner.patch("/api/v1/tasks/1", {"title": "B"})).json()["completed_at"] == FUTURE


async def test_statistics_count_old_rows_as_completed_at_once(
    owner: Client, database: Database
) -> None:
    await owner.create_task(completed=True)
    async with database.transaction() as transaction:
        await transaction.execute(
            update(tasks).values(completed_at=datetime.fromisoformat(OLD)), {}
        )
    statistics = (await owner.get("/api/v1/tasks/stats")).json()
    assert statistics["median_seconds_to_done"] == 0


async def test_restore_excludes_tasks_below_a_trashed_task(owner: Client) -> None:
    top = await owner.create_task(title="Top")
    middle = await owner.create_task(title="Middle", parent=top["id"])
    bottom = await owner.create_task(title="Bottom", parent=middle["id"])
    deleted_at, other = "2026-01-01T00:00:00Z", make_id()
    lines = [
        {"id": top["id"], "title": "Top", "deleted_at": deleted_at, "deleted_batch": make_id()},
        {
            "id": middle["id"],
            "title": "Middle",
            "parent": top["id"],
            "deleted_at": deleted_at,
            "deleted_batch": other,
        },
    ]
    lines.append({**lines[0], "id": bottom["id"], "title": "Bottom", "parent": middle["id"]})
    await owner.delete(f"/api/v1/tasks/{top['id']}?permanent=true")
    job = await import_all(owner, make_lines(*lines))
    assert (job["state"], job["errors"]) == ("done", [])
    await owner.post(f"/api/v1/tasks/{top['id']}/restore")
    titles = [task["title"] for task in (await owner.get("/api/v1/tasks")).json()["items"]]
    assert titles == ["Top"]


async def test_trash_with_a_time_in_the_future_can_be_emptied(owner: Client) -> None:
    line = b'{"title": "Later", "deleted_at": "2999-01-01T00:00:00Z"}'
    job = await import_all(owner, line)
    assert job["state"] == "done"
    answer = await owner.post("/api/v1/trash/empty")
    assert answer.json() == {"purged": 1}
