"""The choice of what happens to open sub-tasks: ``subtasks=complete|keep|refuse``."""

from typing import Any

import pytest

from taskstead.db.database import Database
from tests.harness.client import Client
from tests.harness.problems import check_problem
from tests.integration.jobs.waiting import wait_for_job

PATH = "/api/v1/tasks"
BULK = f"{PATH}/bulk"
PROCESS = f"{PATH}/bulk-process"

# Requests that complete task 1.
COMPLETIONS = ["complete", "patch", "put", "bulk complete", "bulk update"]
# Requests that move task 1.
MOVES = ["parent", "category", "place", "move", "bulk parent", "bulk move"]
# Requests that trash task 1.
REMOVALS = ["delete", "bulk trash"]


async def create_tree(client: Client) -> None:
    """Create 1 with the sub-tasks 2, 3 (done) and 4 (cancelled), 5 below 3, and 6 without any."""
    await client.create_task(title="Parent")
    for status in ("todo", "done", "cancelled"):
        await client.create_task(title=f"Sub-task {status}", parent=1, status=status)
    await client.create_task(title="Below", parent=3, status="in_progress")
    await client.create_task(title="Another")


async def send(client: Client, action: str, choice: str | None) -> Any:
    """Complete, move or trash task 1."""
    query = f"?subtasks={choice}" if choice else ""
    task = (await client.get(f"{PATH}/1")).json()
    path = f"{PATH}/{task['id']}"
    bodies: dict[str, Any] = {
        "patch": {"completed": True},
        "put": {"title": "Parent", "status": "done"},
        "parent": {"parent": 6},
        "category": {"category": "Home"},
        "place": {"place": {"to": "end"}},
    }
    operations: dict[str, Any] = {
        "bulk complete": {"op": "complete"},
        "bulk update": {"op": "update", "task": {"status": "done"}},
        "bulk parent": {"op": "update", "task": {"parent": 6}},
        "bulk move": {"op": "move", "to": "end"},
        "bulk trash": {"op": "trash"},
    }
    if action == "complete":
        return await client.post(f"{path}/complete{query}")
    if action == "move":
        return await client.post(f"{path}/move{query}", {"to": "end"})
    if action == "delete":
        return await client.delete(f"{path}{query}")
    if action == "put":
        return await client.put(path + query, bodies[action])
    if action in bodies:
        return await client.patch(path + query, bodies[action])
    operation = {"id": 1, **operations[action], **({"subtasks": choice} if choice else {})}
    return await client.post(BULK, {"operations": [operation]})


async def list_states(client: Client, count: int = 6) -> list[str]:
    """Return the statuses of the first tasks, in parentheses for tasks in the trash."""
    tasks = [(await client.get(f"{PATH}/{number + 1}")).json() for number in range(count)]
    return [
        task["status"] if task["deleted_at"] is None else f"({task['status']})" for task in tasks
    ]


@pytest.mark.parametrize("choice", [None, "keep"])
@pytest.mark.parametrize("action", COMPLETIONS)
async def test_completion_keeps_open_subtasks(
    owner: Client, action: str, choice: str | None
) -> None:
    await create_tree(owner)
    answer = await send(owner, action, choice)
    assert answer.status_code == 200, answer.text
    assert await list_states(owner) == ["done", "todo", "done", "cancelled", "in_progress", "todo"]


@pytest.mark.parametrize("action", COMPLETIONS)
async def test_completion_completes_open_subtasks(owner: Client, action: str) -> None:
    await create_tree(owner)
    answer = await send(owner, action, "complete")
    assert answer.status_code == 200, answer.text
    assert await list_states(owner) == ["done", "done", "done", "cancelled", "done", "todo"]


@pytest.mark.parametrize("action", [*COMPLETIONS, *MOVES, *REMOVALS])
async def test_open_subtasks_are_refused(owner: Client, action: str) -> None:
    await create_tree(owner)
    before = (await owner.get(f"{PATH}/1")).json()
    answer = await send(owner, action, "refuse")
    assert (answer.status_code, answer.json()["code"]) == (409, "open_subtasks")
    assert "Task 1 has 2 open sub-tasks: 2, 5." in answer.json()["detail"]
    assert (await owner.get(f"{PATH}/1")).json() == before
    assert (await owner.get("/api/v1/categories")).json()["items"] == []


@pytest.mark.parametrize("action", [*COMPLETIONS, *MOVES, *REMOVALS])
async def test_closed_subtasks_are_not_refused(owner: Client, action: str) -> None:
    await create_tree(owner)
    for number in (2, 5):
        await owner.patch(f"{PATH}/{number}", {"status": "cancelled"})
    assert (await send(owner, action, "refuse")).is_success


@pytest.mark.parametrize("choice", [None, "keep"])
@pytest.mark.parametrize("action", MOVES)
async def test_subtasks_stay_with_a_moved_task(
    owner: Client, action: str, choice: str | None
) -> None:
    await create_tree(owner)
    before = (await owner.get(f"{PATH}/2")).json()
    assert (await send(owner, action, choice)).is_success
    assert (await owner.get(f"{PATH}/2")).json() == before


@pytest.mark.parametrize("action", MOVES)
async def test_move_completes_open_subtasks(owner: Client, action: str) -> None:
    await create_tree(owner)
    assert (await send(owner, action, "complete")).is_success
    assert await list_states(owner) == ["todo", "done", "done", "cancelled", "done", "todo"]


async def test_other_changes_do_not_affect_subtasks(owner: Client) -> None:
    await create_tree(owner)
    for choice in ("complete", "refuse"):
        body = {"title": "New title", "parent": None, "category": None, "status": "in_progress"}
        answer = await owner.patch(f"{PATH}/1?subtasks={choice}", body)
        assert answer.status_code == 200, answer.text
    assert (await list_states(owner))[1] == "todo"


async def test_done_task_is_not_completed_again(owner: Client) -> None:
    await create_tree(owner)
    await owner.post(f"{PATH}/1/complete")
    answer = await owner.post(f"{PATH}/1/complete?subtasks=refuse")
    assert answer.status_code == 200


@pytest.mark.parametrize("action", REMOVALS)
async def test_subtasks_are_trashed_with_the_task(owner: Client, action: str) -> None:
    await create_tree(owner)
    assert (await send(owner, action, None)).is_success
    assert await list_states(owner) == [
        *("(todo)", "(todo)", "(done)", "(cancelled)", "(in_progress)", "todo")
    ]


@pytest.mark.parametrize("action", REMOVALS)
async def test_trashed_subtasks_are_completed_first(owner: Client, action: str) -> None:
    await create_tree(owner)
    assert (await send(owner, action, "complete")).is_success
    assert await list_states(owner) == [
        *("(todo)", "(done)", "(done)", "(cancelled)", "(done)", "todo")
    ]


@pytest.mark.parametrize("action", REMOVALS)
@pytest.mark.parametrize("has_parent", [False, True])
async def test_kept_subtasks_move_up(owner: Client, action: str, *, has_parent: bool) -> None:
    await create_tree(owner)
    above = (await owner.get(f"{PATH}/6")).json()["id"] if has_parent else None
    await owner.patch(f"{PATH}/1", {"parent": above})
    assert (await send(owner, action, "keep")).is_success
    assert await list_states(owner) == [
        *("(todo)", "todo", "done", "cancelled", "in_progress", "todo")
    ]
    parents = [(await owner.get(f"{PATH}/{number}")).json()["parent"] for number in (2, 3, 4)]
    assert parents == [above] * 3
    assert (await owner.get(f"{PATH}/5")).json()["parent"] is not None


@pytest.mark.engines("sqlite", "postgresql")
@pytest.mark.parametrize(
    ("action", "choice"),
    [("complete", "complete"), ("parent", "complete"), ("delete", "keep"), ("delete", "complete")],
)
async def test_undo_reverts_the_subtasks_too(owner: Client, action: str, choice: str) -> None:
    await create_tree(owner)
    path = f"{PATH}?deleted=include&fields=number,status,parent,completed_at,deleted_at,category"
    before = (await owner.get(path)).json()
    answer = await send(owner, action, choice)
    undone = await owner.post(f"/api/v1/batches/{answer.headers['Taskstead-Batch']}/undo")
    assert undone.status_code == 200, undone.text
    assert (await owner.get(path)).json() == before


async def test_answer_counts_the_completed_subtasks(owner: Client) -> None:
    await create_tree(owner)
    for action in ("move", "complete"):
        answer = await send(owner, action, "complete")
        assert answer.json()["open_subtask_count"] == 0
        check = await owner.get(f"{PATH}/1", headers={"If-None-Match": answer.headers["ETag"]})
        assert check.status_code == 304


async def create_repeating(client: Client, **fields: Any) -> dict[str, Any]:
    return await client.create_task(
        due_date="2099-11-26", **{"repeat_rule": "FREQ=DAILY", **fields}
    )


async def test_repeating_subtask_ends_one_occurrence(owner: Client) -> None:
    parent = await owner.create_task()
    child = await create_repeating(owner, parent=parent["id"])
    below = await owner.create_task(parent=child["id"], due_date="2099-11-20")
    await owner.post(f"{PATH}/1/complete?subtasks=complete")
    advanced = (await owner.get(f"{PATH}/2")).json()
    assert (advanced["status"], advanced["due_date"]) == ("todo", "2099-11-27")
    restarted = (await owner.get(f"{PATH}/{below['id']}")).json()
    assert (restarted["status"], restarted["due_date"]) == ("todo", "2099-11-21")


async def test_subtasks_of_a_repeating_task_restart(owner: Client) -> None:
    parent = await create_repeating(owner)
    await owner.create_task(parent=parent["id"], due_date="2099-11-20")
    assert (await owner.post(f"{PATH}/1/complete?subtasks=complete")).status_code == 200
    child = (await owner.get(f"{PATH}/2")).json()
    assert (child["status"], child["due_date"]) == ("todo", "2099-11-21")


async def test_last_occurrence_completes_the_subtasks(owner: Client) -> None:
    parent = await create_repeating(owner, repeat_rule="FREQ=DAILY;COUNT=1")
    await owner.create_task(parent=parent["id"])
    await owner.post(f"{PATH}/1/complete?subtasks=complete")
    assert await list_states(owner, 2) == ["done", "done"]


async def test_open_subtasks_of_an_occurrence_are_refused(owner: Client) -> None:
    parent = await create_repeating(owner)
    await owner.create_task(parent=parent["id"])
    answer = await owner.post(f"{PATH}/1/complete?subtasks=refuse")
    check_problem(answer, 409, "open_subtasks")
    await owner.post(f"{PATH}/2/complete")
    assert (await owner.post(f"{PATH}/1/complete?subtasks=refuse")).status_code == 200


@pytest.mark.parametrize("choice", ["complete", "keep", "refuse"])
async def test_permanent_deletion_has_no_choice(owner: Client, choice: str) -> None:
    await create_tree(owner)
    answer = await owner.delete(f"{PATH}/1?permanent=true&subtasks={choice}")
    check_problem(answer, 422, "validation_failed", "query/subtasks")
    assert (await owner.get(f"{PATH}/1")).status_code == 200


async def test_unknown_choice_is_rejected(owner: Client) -> None:
    await create_tree(owner)
    answer = await owner.post(f"{PATH}/1/complete?subtasks=all")
    check_problem(answer, 422, "validation_failed", "query/subtasks")


async def run_bulk(client: Client, *operations: dict[str, Any]) -> list[int]:
    """Run operations one by one in one request; return their statuses."""
    answer = await client.post(BULK, {"operations": [*operations], "atomic": False})
    assert answer.status_code == 200, answer.text
    return [result["status"] for result in answer.json()["results"]]


@pytest.mark.engines("sqlite", "postgresql")
@pytest.mark.parametrize("op", ["complete", "trash"])
async def test_operations_see_the_earlier_ones(owner: Client, op: str) -> None:
    await create_tree(owner)
    numbers = (1, 5, 2, 1)
    operations = [{"op": op, "id": number, "subtasks": "refuse"} for number in numbers]
    expected = 200 if op == "complete" else 204
    assert await run_bulk(owner, *operations) == [409, expected, expected, expected]


async def test_subtask_moved_away_is_not_completed(owner: Client) -> None:
    await create_tree(owner)
    update = {"op": "update", "subtasks": "complete"}
    await run_bulk(
        owner,
        {**update, "id": 2, "task": {"parent": 6}},
        {**update, "id": 1, "task": {"status": "done"}},
    )
    assert await list_states(owner) == ["done", "todo", "done", "cancelled", "done", "todo"]


async def test_subtask_is_completed_and_changed(owner: Client) -> None:
    await create_tree(owner)
    done = {"op": "update", "id": 1, "task": {"status": "done"}, "subtasks": "complete"}
    await run_bulk(
        owner,
        {"op": "update", "id": 2, "task": {"title": "Before", "status": "in_progress"}},
        done,
        {"op": "update", "id": 5, "task": {"title": "After"}},
    )
    tasks = [(await owner.get(f"{PATH}/{number}")).json() for number in (2, 5)]
    assert [(task["title"], task["status"]) for task in tasks] == [
        ("Before", "done"),
        ("After", "done"),
    ]


async def test_subtask_is_reopened_after_its_parent(owner: Client) -> None:
    await create_tree(owner)
    await run_bulk(
        owner,
        {"op": "update", "id": 1, "task": {"status": "done"}, "subtasks": "complete"},
        {"op": "update", "id": 2, "task": {"status": "in_progress"}},
    )
    assert (await list_states(owner))[:2] == ["done", "in_progress"]


async def test_subtask_is_kept_and_trashed_with_its_new_parent(owner: Client) -> None:
    await create_tree(owner)
    await owner.patch(f"{PATH}/1", {"parent": 6})
    trash = {"op": "trash"}
    await run_bulk(owner, {**trash, "id": 1, "subtasks": "keep"}, {**trash, "id": 6})
    assert (await list_states(owner))[1] == "(todo)"
    above = (await owner.get(f"{PATH}/6")).json()["id"]
    assert (await owner.get(f"{PATH}/2")).json()["parent"] == above


@pytest.mark.parametrize(
    "action",
    [{"action": "complete"}, {"action": "move", "category": "Home"}, {"action": "trash"}],
    ids=["complete", "move", "trash"],
)
async def test_job_reports_refused_tasks(owner: Client, action: dict[str, Any]) -> None:
    await create_tree(owner)
    body = {"ids": [1, 6], **action, "subtasks": "refuse"}
    job = await wait_for_job(owner, await owner.post(PROCESS, body))
    assert [(error["item"], error["code"]) for error in job["errors"]] == [(1, "open_subtasks")]
    assert job["result"]["changed"] == 1


@pytest.mark.parametrize("action", ["complete", "trash"])
async def test_job_is_not_refused_for_its_own_tasks(owner: Client, action: str) -> None:
    await create_tree(owner)
    body = {"filter": {}, "action": action, "subtasks": "refuse"}
    job = await wait_for_job(owner, await owner.post(PROCESS, body))
    assert job["errors"] == []


@pytest.mark.engines("sqlite", "postgresql")
async def test_job_completes_subtasks(owner: Client) -> None:
    await create_tree(owner)
    body = {"ids": [1], "action": "complete", "subtasks": "complete"}
    job = await wait_for_job(owner, await owner.post(PROCESS, body))
    assert job["result"]["changed"] == 3
    assert await list_states(owner) == ["done", "done", "done", "cancelled", "done", "todo"]


@pytest.mark.parametrize("choice", ["complete", "keep", "refuse"])
@pytest.mark.parametrize("op", ["complete", "trash"])
async def test_statements_do_not_depend_on_the_number(
    owner: Client, database: Database, op: str, choice: str
) -> None:
    counts = []
    for number in (10, 30):
        operations = []
        for _ in range(number):
            task = await owner.create_task()
            if choice != "refuse":
                await owner.create_task(parent=(await owner.create_task(parent=task["id"]))["id"])
            operations.append({"op": op, "id": task["id"], "subtasks": choice})
        before = database.meter.statements
        answer = await owner.post(BULK, {"operations": operations})
        assert answer.status_code == 200, answer.text
        counts.append(database.meter.statements - before)
    assert counts[0] == counts[1]
