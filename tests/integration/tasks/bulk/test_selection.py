"""``POST /api/v1/tasks/bulk-process`` with ids, and as a dry run."""

from typing import Any

import pytest

from taskstead.ids import make_id
from tests.harness.client import Client
from tests.harness.problems import check_problem
from tests.integration.jobs.waiting import wait_for_job
from tests.integration.tasks.bulk.test_processing import PATH, create_many, get_tasks


async def test_dry_run_returns_a_sample_and_changes_nothing(owner: Client) -> None:
    await create_many(owner, 30, priority=2)
    await create_many(owner, 3, priority=4)
    before = (await owner.get("/auth/me")).json(), await get_tasks(owner)
    body = {"filter": {"priority": [2]}, "action": "trash", "dry_run": True}
    answer = await owner.post(PATH, body)
    assert answer.status_code == 200
    preview = answer.json()
    assert (preview["dry_run"], preview["matched"]) == (True, 30)
    assert [task["number"] for task in preview["sample"]] == list(range(1, 21))
    assert set(preview["sample"][0]) == {"id", "number", "title"}
    assert not {"location", "taskstead-revision"} & set(answer.headers)
    chosen = await owner.post(PATH, {"ids": [3, 32, 3], "action": "complete", "dry_run": True})
    assert (chosen.json()["matched"], len(chosen.json()["sample"])) == (2, 2)
    found = await owner.post(
        PATH, {"filter": {"q": "nowhere"}, "action": "complete", "dry_run": True}
    )
    assert (found.json()["matched"], found.json()["sample"]) == (0, [])
    assert ((await owner.get("/auth/me")).json(), await get_tasks(owner)) == before
    assert (await owner.get("/api/v1/jobs")).json()["items"] == []


async def test_job_processes_the_tasks_with_the_given_ids(owner: Client) -> None:
    await create_many(owner, 600)
    tasks = await get_tasks(owner)
    await owner.delete("/api/v1/tasks/5")
    ids = [tasks[number]["id"] for number in range(1, 300)] + list(range(299, 551))
    started = await owner.post(PATH, {"ids": ids, "action": "set_priority", "priority": 1})
    job = await wait_for_job(owner, started)
    assert (job["state"], job["done"], job["total"], job["failed"]) == ("done", 550, 550, 1)
    assert [(fault["item"], fault["code"]) for fault in job["errors"]] == [(5, "task_trashed")]
    assert len(job["batches"]) == 2
    changed = {number for number, task in (await get_tasks(owner)).items() if task["priority"] == 1}
    assert changed == set(range(1, 551)) - {5}


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"action": "complete"}, ""),
        ({"action": "complete", "filter": {}, "ids": [1]}, ""),
        ({"action": "complete", "ids": []}, "/ids"),
        ({"action": "complete", "ids": [1, "x"]}, "/ids/1"),
        ({"action": "complete", "ids": [1, 99]}, "/ids/1"),
        ({"action": "complete", "ids": ["{unknown}", 1]}, "/ids/0"),
        ({"action": "complete", "ids": list(range(1, 1002))}, "/ids"),
        ({"action": "move", "ids": [1], "category_id": "{unknown}"}, "/category_id"),
    ],
)
@pytest.mark.parametrize("dry_run", [False, True])
async def test_invalid_selections_are_rejected_at_once(
    owner: Client, body: dict[str, Any], pointer: str, *, dry_run: bool
) -> None:
    await owner.create_task()
    unknown = make_id()

    def fill(value: Any) -> Any:
        if isinstance(value, list):
            return [fill(each) for each in value]
        return unknown if value == "{unknown}" else value

    filled = {name: fill(value) for name, value in body.items()}
    answer = await owner.post(PATH, {**filled, "dry_run": dry_run})
    problem = check_problem(answer, 422, "validation_failed")
    assert problem["errors"][0]["pointer"] == pointer, problem
    assert (await owner.get("/api/v1/jobs")).json()["items"] == []
