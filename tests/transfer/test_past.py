"""Times in imported files: ``created_at``, ``completed_at`` and ``updated_at`` stay in order."""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import update

from taskstead.db.database import Database
from taskstead.tables.tasks import tasks
from tests.client import Client
from tests.transfer.files import import_all, make_lines

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


async def test_completed_line_of_todotxt(owner: Client) -> None:
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
