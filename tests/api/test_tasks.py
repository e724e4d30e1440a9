"""Tasks over the API: what is given comes back, and only what is named changes."""

from typing import Any

import pytest

from tests.client import Client

FULL: dict[str, Any] = {
    "title": "Buy oat milk 🥛",
    "description": "Two *litres*,\n\tfrom the <corner> shop \\o/ ",
    "status": "in_progress",
    "priority": 1,
    "due_date": "2026-12-01T09:00:00+01:00",
    "due_time_zone": "Europe/Berlin",
    "category": "Household",
    "tags": ["errand", "Ärger"],
}


async def test_a_task_comes_back_as_given(owner: Client) -> None:
    created = await owner.post("/api/v1/tasks", FULL)
    assert created.status_code == 201
    task = created.json()
    assert created.headers["location"] == f"/api/v1/tasks/{task['id']}"
    assert {name: task[name] for name in FULL if name not in ("category", "tags")} == {
        name: value for name, value in FULL.items() if name not in ("category", "tags")
    }
    assert task["category"]["name"] == "Household"
    assert task["tags"] == ["errand", "Ärger"] or task["tags"] == ["Ärger", "errand"]
    assert task["completed"] is False
    assert task["number"] == 1
    for reference in (task["id"], task["id"].upper(), "1"):
        assert (await owner.get(f"/api/v1/tasks/{reference}")).json() == task


@pytest.mark.parametrize(
    "due_date", ["2026-12-01", "2026-12-01T09:00:00", "2026-12-01T09:00:00.5Z", None]
)
async def test_due_dates_are_kept_in_their_kind(owner: Client, due_date: str | None) -> None:
    task = await owner.create_task(due_date=due_date)
    assert task["due_date"] == due_date


async def test_status_and_completed_move_together(owner: Client) -> None:
    task = await owner.create_task()
    done = (await owner.patch("/api/v1/tasks/1", {"completed": True})).json()
    assert (done["status"], done["completed"]) == ("done", True)
    assert done["completed_at"] is not None
    again = (await owner.patch("/api/v1/tasks/1", {"status": "done", "title": "x"})).json()
    assert again["completed_at"] == done["completed_at"]
    undone = (await owner.patch("/api/v1/tasks/1", {"completed": False})).json()
    assert (undone["status"], undone["completed"]) == ("todo", False)
    assert undone["completed_at"] is None
    assert undone["created_at"] == task["created_at"]


async def test_patch_changes_only_what_it_names(owner: Client) -> None:
    before = (await owner.post("/api/v1/tasks", FULL)).json()
    after = (await owner.patch("/api/v1/tasks/1", {"priority": 5})).json()
    assert after.pop("priority") == 5
    assert after.pop("revision") > before["revision"]
    assert after.pop("updated_at") > before["updated_at"]
    assert after == {name: before[name] for name in after}


async def test_a_patch_that_changes_nothing_leaves_no_trace(owner: Client) -> None:
    before = (await owner.post("/api/v1/tasks", FULL)).json()
    same = {"title": FULL["title"], "tags": FULL["tags"], "category": "HOUSEHOLD"}
    assert (await owner.patch("/api/v1/tasks/1", same)).json() == before
    assert (await owner.create_task())["revision"] == before["revision"] + 1
