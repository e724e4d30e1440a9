"""Completing and skipping occurrences of repeating tasks."""

import asyncio
from typing import Any

import pytest

from tests.harness.client import Client
from tests.harness.clock import ManualClock
from tests.integration.repeats.repeating import (
    act,
    create_repeating,
    get,
    list_occurrences,
    patch,
)

DAY = 24 * 60 * 60


@pytest.mark.parametrize("method", ["complete", "patch", "status", "put", "bulk", "bulk complete"])
async def test_completion_advances_the_due_date(owner: Client, method: str) -> None:
    task = await create_repeating(owner)
    path = f"/api/v1/tasks/{task['id']}"
    if method == "complete":
        answer = await owner.post(f"{path}/complete")
    elif method == "patch":
        answer = await owner.patch(path, {"completed": True})
    elif method == "status":
        answer = await owner.patch(path, {"status": "done"})
    elif method == "put":
        body = {"title": "A task", "due_date": task["due_date"], "repeat_rule": "FREQ=DAILY"}
        answer = await owner.put(path, {**body, "status": "done"})
    else:
        operation: dict[str, Any] = {"op": "update", "id": task["id"], "task": {"completed": True}}
        if method == "bulk complete":
            operation = {"op": "complete", "id": task["id"]}
        answer = await owner.post("/api/v1/tasks/bulk", {"operations": [operation]})
    assert answer.status_code == 200, answer.text
    advanced = await get(owner, task)
    assert (advanced["status"], advanced["completed"]) == ("todo", False)
    assert (advanced["due_date"], advanced["repeat_at"]) == ("2026-11-27", "2026-11-27")
    assert advanced["repeat_gone"] == 1
    assert await list_occurrences(owner, task) == [("2026-11-26", "done")]


async def test_completion_is_one_batch(owner: Client) -> None:
    task = await create_repeating(owner)
    answer = await owner.post(f"/api/v1/tasks/{task['id']}/complete")
    changes = (await owner.get("/api/v1/activity?limit=2")).json()["items"]
    assert {change["batch"] for change in changes} == {answer.headers["Taskstead-Batch"]}
    assert {(change["kind"], change["action"]) for change in changes} == {
        ("task", "updated"),
        ("occurrence", "created"),
    }


async def test_undo_of_a_completion_reverts_all_of_it(owner: Client) -> None:
    task = await create_repeating(owner)
    child = await owner.create_task(parent=task["id"], due_date="2026-11-25", status="done")
    before = await get(owner, task)
    answer = await owner.post(f"/api/v1/tasks/{task['id']}/complete")
    batch = answer.headers["Taskstead-Batch"]
    undone = await owner.post(f"/api/v1/batches/{batch}/undo")
    assert undone.status_code == 200, undone.text
    after = await get(owner, task)
    times = ("revision", "updated_at")
    assert {**after, **dict.fromkeys(times)} == {**before, **dict.fromkeys(times)}
    restored = await get(owner, child)
    assert (restored["status"], restored["due_date"]) == ("done", "2026-11-25")
    assert await list_occurrences(owner, task) == []


async def test_undo_of_the_undo_completes_again(owner: Client) -> None:
    task = await create_repeating(owner)
    answer = await owner.post(f"/api/v1/tasks/{task['id']}/complete")
    batch = answer.headers["Taskstead-Batch"]
    undone = (await owner.post(f"/api/v1/batches/{batch}/undo")).json()
    await owner.post(f"/api/v1/batches/{undone['batch']}/undo")
    assert (await get(owner, task))["due_date"] == "2026-11-27"
    assert await list_occurrences(owner, task) == [("2026-11-26", "done")]


async def test_the_last_occurrence_completes_the_task(owner: Client) -> None:
    task = await create_repeating(owner, repeat_rule="FREQ=DAILY;COUNT=2")
    await act(owner, task, "complete")
    done = await act(owner, task, "complete")
    assert (done["status"], done["due_date"]) == ("done", "2026-11-27")
    assert await list_occurrences(owner, task) == [("2026-11-27", "done"), ("2026-11-26", "done")]


async def test_cancelled_ends_the_series(owner: Client) -> None:
    task = await create_repeating(owner)
    cancelled = await patch(owner, task, status="cancelled")
    assert (cancelled["status"], cancelled["due_date"]) == ("cancelled", "2026-11-26")
    assert await list_occurrences(owner, task) == []


async def test_cancelled_task_is_completed_without_an_occurrence(owner: Client) -> None:
    task = await create_repeating(owner)
    await patch(owner, task, status="cancelled")
    done = await act(owner, task, "complete")
    assert (done["status"], done["due_date"]) == ("done", "2026-11-26")
    assert await list_occurrences(owner, task) == []


async def test_subtasks_move_with_the_schedule(owner: Client) -> None:
    task = await create_repeating(owner, repeat_rule="FREQ=WEEKLY")
    child = await owner.create_task(parent=task["id"], due_date="2026-11-25")
    await patch(owner, task, due_date="2026-11-28")
    await act(owner, task, "complete")
    assert (await get(owner, child))["due_date"] == "2026-12-02"


async def test_subtask_at_the_end_of_the_calendar_keeps_its_date(owner: Client) -> None:
    task = await create_repeating(owner)
    due_date = "9999-12-30T23:30:00-05:00"
    child = await owner.create_task(parent=task["id"], due_date=due_date)
    await act(owner, task, "complete")
    assert (await get(owner, child))["due_date"] == due_date


@pytest.mark.parametrize("first", ["parent", "child"])
async def test_bulk_operations_have_their_order(owner: Client, first: str) -> None:
    task = await create_repeating(owner)
    child = await owner.create_task(parent=task["id"])
    ids = [task["id"], child["id"]] if first == "parent" else [child["id"], task["id"]]
    operations = [{"op": "complete", "id": id_} for id_ in ids]
    answer = await owner.post("/api/v1/tasks/bulk", {"operations": operations})
    assert answer.status_code == 200, answer.text
    expected = "done" if first == "parent" else "todo"
    assert (await get(owner, child))["status"] == expected


async def test_another_completed_task_does_not_change_the_order(owner: Client) -> None:
    other, task = await create_repeating(owner), await create_repeating(owner)
    child = await owner.create_task(parent=task["id"])
    ids = [other["id"], child["id"], task["id"]]
    operations = [{"op": "complete", "id": id_} for id_ in ids]
    answer = await owner.post("/api/v1/tasks/bulk", {"operations": operations})
    assert answer.status_code == 200, answer.text
    assert (await get(owner, child))["status"] == "todo"


async def test_skip_moves_to_the_next_occurrence(owner: Client) -> None:
    task = await create_repeating(owner, due_date="2026-11-23")
    skipped = await act(owner, task, "skip")
    assert (skipped["status"], skipped["due_date"]) == ("todo", "2026-11-24")
    assert await list_occurrences(owner, task) == [("2026-11-23", "skipped")]


async def test_a_task_that_does_not_repeat_is_not_skipped(owner: Client) -> None:
    task = await owner.create_task()
    answer = await owner.post(f"/api/v1/tasks/{task['id']}/skip")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_repeating")


async def test_a_plain_task_is_completed(owner: Client) -> None:
    task = await owner.create_task()
    assert (await act(owner, task, "complete"))["status"] == "done"
    assert await list_occurrences(owner, task) == []


@pytest.mark.parametrize("action", ["complete", "skip"])
async def test_a_second_tap_changes_nothing(owner: Client, action: str) -> None:
    task = await create_repeating(owner)
    choice = {"occurrence": task["repeat_at"]}
    await act(owner, task, action, choice)
    answer = await owner.post(f"/api/v1/tasks/{task['id']}/{action}", choice)
    assert (answer.status_code, answer.json()["code"]) == (409, "occurrence_over")
    assert (await get(owner, task))["due_date"] == "2026-11-27"


@pytest.mark.engines("sqlite", "postgresql")
async def test_two_clients_complete_one_occurrence(owner: Client) -> None:
    task = await create_repeating(owner)
    path = f"/api/v1/tasks/{task['id']}/complete"
    choice = {"occurrence": task["repeat_at"]}
    answers = await asyncio.gather(*(owner.post(path, choice) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [200, *[409] * 7]
    assert await list_occurrences(owner, task) == [("2026-11-26", "done")]


@pytest.mark.engines("sqlite", "postgresql")
async def test_a_repeated_key_completes_one_occurrence(owner: Client) -> None:
    task = await create_repeating(owner)
    path = f"/api/v1/tasks/{task['id']}/complete"
    answers = [
        await owner.post(path, headers={"Idempotency-Key": "tap-on-the-phone"}) for _ in range(2)
    ]
    assert [answer.json()["due_date"] for answer in answers] == ["2026-11-27"] * 2
    assert await list_occurrences(owner, task) == [("2026-11-26", "done")]


async def test_subtasks_start_again(owner: Client) -> None:
    task = await create_repeating(owner, repeat_rule="FREQ=WEEKLY")
    done = await owner.create_task(parent=task["id"], status="done", due_date="2026-11-25")
    below = await owner.create_task(parent=done["id"], due_date="2026-11-24T08:00:00")
    completed = await act(owner, task, "complete")
    assert completed["open_subtask_count"] == 1
    restarted = await get(owner, done)
    assert (restarted["status"], restarted["due_date"]) == ("todo", "2026-12-02")
    assert (await get(owner, below))["due_date"] == "2026-12-01T08:00:00"


@pytest.mark.parametrize(
    "fields",
    [{"status": "cancelled"}, {"repeat_rule": "FREQ=DAILY"}],
    ids=["cancelled", "own rule"],
)
async def test_some_subtasks_do_not_change(owner: Client, fields: dict[str, str]) -> None:
    task = await create_repeating(owner)
    child = await owner.create_task(parent=task["id"], due_date="2026-11-25", **fields)
    await act(owner, task, "complete")
    assert (await get(owner, child)) == child


async def test_trashed_subtasks_do_not_change(owner: Client) -> None:
    task = await create_repeating(owner)
    child = await owner.create_task(parent=task["id"], due_date="2026-11-25")
    await owner.delete(f"/api/v1/tasks/{child['id']}")
    await act(owner, task, "complete")
    assert (await get(owner, child))["due_date"] == "2026-11-25"


@pytest.mark.engines("sqlite", "postgresql")
async def test_completed_occurrences_count_in_statistics(owner: Client, clock: ManualClock) -> None:
    task = await create_repeating(owner, repeat_rule="FREQ=DAILY;COUNT=3")
    await act(owner, task, "complete")
    clock.advance(DAY)
    await act(owner, task, "complete")
    clock.advance(1)
    await act(owner, task, "complete")
    days = (await owner.get("/api/v1/tasks/stats?from=2026-11-26&to=2026-11-27")).json()["days"]
    assert [day["completed"] for day in days] == [1, 2]


async def test_skipped_occurrences_are_no_completions(owner: Client) -> None:
    task = await create_repeating(owner)
    await act(owner, task, "skip")
    days = (await owner.get("/api/v1/tasks/stats?from=2026-11-26&to=2026-11-26")).json()["days"]
    assert [day["completed"] for day in days] == [0]


async def test_history_shows_each_occurrence(owner: Client) -> None:
    task = await create_repeating(owner)
    await act(owner, task, "complete")
    (change, _) = (await owner.get(f"/api/v1/tasks/{task['id']}/history")).json()["items"]
    moved = {field["field"]: (field["old"], field["new"]) for field in change["fields"]}
    assert moved["repeat_at"] == ("2026-11-26", "2026-11-27")
