"""Repeating tasks in sync, purges, files and backups."""

from typing import Any

import pytest

from tests.harness.client import Client
from tests.integration.repeats.repeating import act, create_repeating, get, list_occurrences, patch
from tests.integration.transfer.files import import_all


async def sync(client: Client, since: str | None = None) -> dict[str, Any]:
    query = "?limit=1000" + (f"&since={since}" if since else "")
    answer = await client.get(f"/api/v1/changes{query}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_sync_has_occurrences_and_the_task(owner: Client) -> None:
    task = await create_repeating(owner)
    position = (await sync(owner))["next"]
    await act(owner, task, "complete")
    changes = await sync(owner, position)
    (occurrence,) = changes["occurrences"]
    assert (occurrence["task_id"], occurrence["occurrence"]) == (task["id"], "2026-11-26")
    assert [row["repeat_at"] for row in changes["tasks"]] == ["2026-11-27"]
    assert (await sync(owner))["occurrences"] == [occurrence]


async def test_purge_of_a_task_purges_its_occurrences(owner: Client) -> None:
    task = await create_repeating(owner)
    await act(owner, task, "complete")
    first = await sync(owner)
    (occurrence,) = first["occurrences"]
    answer = await owner.delete(f"/api/v1/tasks/{task['id']}?permanent=true")
    assert answer.status_code == 204, answer.text
    removed = {(row["kind"], row["id"]) for row in (await sync(owner, first["next"]))["removed"]}
    assert removed == {("task", task["id"]), ("occurrence", occurrence["id"])}


async def test_restored_task_still_has_its_occurrences(owner: Client) -> None:
    task = await create_repeating(owner)
    await act(owner, task, "complete")
    await owner.delete(f"/api/v1/tasks/{task['id']}")
    await owner.post(f"/api/v1/tasks/{task['id']}/restore")
    assert await list_occurrences(owner, task) == [("2026-11-26", "done")]


@pytest.mark.parametrize("format_", ["jsonl", "csv"])
async def test_export_and_import_keep_the_series(owner: Client, format_: str) -> None:
    fields = {"repeat_mode": "each", "repeat_except": ["2026-12-01", "2026-12-24"]}
    task = await create_repeating(owner, **fields)
    await act(owner, task, "complete")
    await patch(owner, task, due_date="2026-11-29")
    moved = await get(owner, task)
    exported = (await owner.get(f"/api/v1/tasks/export?format={format_}")).content
    other = (await owner.post("/api/v1/workspaces", {"name": "Other"})).json()["id"]
    elsewhere = owner.in_workspace(other)
    await import_all(elsewhere, exported, format_)
    (copy,) = (await elsewhere.get("/api/v1/tasks")).json()["items"]
    names = [name for name in task if name.startswith("repeat_")]
    assert {name: copy[name] for name in names} == {name: moved[name] for name in names}


async def test_import_of_a_completed_task_does_not_advance(owner: Client) -> None:
    task = await create_repeating(owner)
    exported = (await owner.get("/api/v1/tasks/export?format=jsonl")).content
    done = exported.replace(b'"status":"todo"', b'"status":"done"')
    await import_all(owner, done, "jsonl", "?on_conflict=replace")
    replaced = await get(owner, task)
    assert (replaced["status"], replaced["due_date"]) == ("done", "2026-11-26")


async def test_undo_of_the_due_date_conflicts_with_the_rule(owner: Client) -> None:
    task = await owner.create_task()
    answer = await owner.patch(f"/api/v1/tasks/{task['id']}", {"due_date": "2026-11-26"})
    batch = answer.headers["Taskstead-Batch"]
    await patch(owner, task, repeat_rule="FREQ=DAILY")
    undone = await owner.post(f"/api/v1/batches/{batch}/undo")
    assert undone.status_code == 409
    (conflict,) = undone.json()["conflicts"]
    assert (conflict["field"], conflict["code"]) == ("repeat_rule", "repeat_without_date")


async def test_forced_undo_of_the_due_date_ends_the_series(owner: Client) -> None:
    task = await owner.create_task()
    answer = await owner.patch(f"/api/v1/tasks/{task['id']}", {"due_date": "2026-11-26"})
    batch = answer.headers["Taskstead-Batch"]
    await patch(owner, task, repeat_rule="FREQ=DAILY")
    undone = await owner.post(f"/api/v1/batches/{batch}/undo?force=true")
    assert undone.status_code == 200, undone.text
    plain = await get(owner, task)
    assert (plain["due_date"], plain["repeat_rule"], plain["repeat_at"]) == (None, None, None)
