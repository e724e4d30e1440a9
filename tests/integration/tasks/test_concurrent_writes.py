"""Concurrent requests: no update is lost and nothing is duplicated."""

import asyncio

import pytest

from taskstead.db.database import Database
from tests.harness.client import Client

pytestmark = [pytest.mark.balanced, pytest.mark.engines("sqlite", "postgresql")]

TASKS = "/api/v1/tasks"


async def test_concurrent_patches_of_different_fields_both_apply(owner: Client) -> None:
    await owner.create_task()
    changes = {
        "title": "Changed",
        "description": "Changed",
        "priority": 1,
        "status": "in_progress",
        "due_date": "2026-12-01",
        "category": "Changed",
        "tags": ["changed"],
    }
    answers = await asyncio.gather(
        *[owner.patch(f"{TASKS}/1", {name: value}) for name, value in changes.items()]
    )
    assert [answer.status_code for answer in answers] == [200] * len(changes)
    assert len({answer.json()["revision"] for answer in answers}) == len(changes)
    task = (await owner.get(f"{TASKS}/1")).json()
    task["category"] = task["category"]["name"]
    assert {name: task[name] for name in changes} == changes


async def test_concurrent_creations_get_consecutive_numbers(owner: Client) -> None:
    tasks = await asyncio.gather(*[owner.create_task(title=f"{n}") for n in range(40)])
    assert sorted(task["number"] for task in tasks) == list(range(1, 41))
    # The workspace and its owner were the first two changes. Each task is one more.
    assert sorted(task["revision"] for task in tasks) == list(range(3, 43))
    shown = (await owner.get(f"{TASKS}?limit=200")).json()["items"]
    assert {task["title"] for task in shown} == {str(n) for n in range(40)}


async def test_concurrent_new_label_is_created_once(
    owner: Client,
) -> None:
    names = ["Home", "HOME", "home"] * 4
    tasks = await asyncio.gather(*[owner.create_task(category=name, tags=[name]) for name in names])
    assert len({task["category"]["id"] for task in tasks}) == 1
    for kind in ("categories", "tags"):
        (one,) = (await owner.get(f"/api/v1/{kind}")).json()["items"]
        assert one["task_count"] == len(names)


async def test_concurrent_puts_of_one_id_create_one_task(owner: Client) -> None:
    path = f"{TASKS}/01a1fbf2-ac4e-7000-931d-7e4fa451c7fb"
    answers = await asyncio.gather(*[owner.put(path, {"title": f"{n}"}) for n in range(8)])
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    (task,) = (await owner.get(TASKS)).json()["items"]
    assert task["number"] == 1
    assert (await owner.create_task())["number"] == 2


async def test_concurrent_moves_create_no_cycle(owner: Client) -> None:
    for _ in range(2):
        await owner.create_task()
    answers = await asyncio.gather(
        owner.patch(f"{TASKS}/1", {"parent": 2}), owner.patch(f"{TASKS}/2", {"parent": 1})
    )
    assert sorted(answer.status_code for answer in answers) == [200, 422]


async def test_concurrent_trash_and_patch_are_consistent(owner: Client) -> None:
    for number in range(1, 6):
        await owner.create_task()
        trashed, changed = await asyncio.gather(
            owner.delete(f"{TASKS}/{number}"), owner.patch(f"{TASKS}/{number}", {"title": "New"})
        )
        assert trashed.status_code == 204
        task = (await owner.get(f"{TASKS}/{number}")).json()
        assert task["deleted_at"] is not None
        assert (changed.status_code, task["title"]) in ((200, "New"), (409, "A task"))


async def test_burst_of_one_user_does_not_delay_another_user(
    owner: Client, database: Database, engine: str
) -> None:
    other = await owner.register("other@example.com")
    await other.create_task()
    before = database.meter.statements
    burst = [asyncio.create_task(owner.create_task()) for _ in range(200)]
    answer = await other.get(f"{TASKS}/1")
    statements = database.meter.statements - before
    assert answer.status_code == 200
    await asyncio.gather(*burst)
    # On PostgreSQL the number depends on how fast it answers the other request.
    if engine == "sqlite":
        assert statements < 50
