"""``/api/v1/changes`` with a filter: a copy of the matching tasks."""

from typing import Any

import pytest

from tests.harness.client import Client
from tests.harness.problems import check_problem
from tests.integration.sync.replica import CHANGES

pytestmark = pytest.mark.engines("sqlite", "postgresql")

TASKS = "/api/v1/tasks"


async def pull(client: Client, text: str, **parameters: Any) -> dict[str, Any]:
    answer = await client.get(CHANGES, params={"filter": text, **parameters})
    assert answer.status_code == 200, answer.text
    page: dict[str, Any] = answer.json()
    return page


def list_numbers(page: dict[str, Any]) -> list[int]:
    return [task["number"] for task in page["tasks"]]


async def test_initial_sync_contains_matching_tasks_only(owner: Client) -> None:
    for number in range(1, 6):
        await owner.create_task(priority=number, category="Home", tags=["x"])
    found: list[int] = []
    page = await pull(owner, "priority<=2 or p5", limit=3)
    while True:
        found += list_numbers(page)
        assert page["removed"] == []
        if not page["has_more"]:
            break
        page = await pull(owner, "priority<=2 or p5", limit=3, since=page["next"])
    assert found == [1, 2, 5]


async def test_initial_sync_contains_all_labels(owner: Client) -> None:
    await owner.create_task(category="Home", tags=["x"])
    page = await pull(owner, "p1")
    assert [row["name"] for row in page["categories"] + page["tags"]] == ["Home", "x"]
    assert page["tasks"] == []


async def test_changed_tasks_that_do_not_match_are_removed(owner: Client) -> None:
    tasks = [await owner.create_task(priority=1) for _ in range(4)]
    page = await pull(owner, "p1")
    await owner.patch(f"{TASKS}/1", {"priority": 2})
    await owner.patch(f"{TASKS}/2", {"title": "Renamed"})
    await owner.delete(f"{TASKS}/3")
    await owner.delete(f"{TASKS}/4?permanent=true")
    other = await owner.create_task(priority=3)
    page = await pull(owner, "p1", since=page["next"])
    assert list_numbers(page) == [2]
    assert page["removed"] == [
        {"kind": "task", "id": tasks[3]["id"], "action": "purged"},
        {"kind": "task", "id": tasks[0]["id"], "action": "unmatched"},
        {"kind": "task", "id": tasks[2]["id"], "action": "unmatched"},
        {"kind": "task", "id": other["id"], "action": "unmatched"},
    ]


async def test_task_that_begins_to_match_is_returned(owner: Client) -> None:
    await owner.create_task(priority=2)
    page = await pull(owner, "p1")
    await owner.patch(f"{TASKS}/1", {"priority": 1})
    assert list_numbers(await pull(owner, "p1", since=page["next"])) == [1]


async def test_filter_may_include_the_trash(owner: Client) -> None:
    await owner.create_task(priority=1)
    await owner.delete(f"{TASKS}/1")
    assert list_numbers(await pull(owner, "p1")) == []
    assert list_numbers(await pull(owner, "p1 is:trashed")) == [1]


@pytest.mark.parametrize("text", ["p2", ""])
async def test_token_is_valid_for_its_filter_only(owner: Client, text: str) -> None:
    page = await pull(owner, "p1")
    answer = await owner.get(CHANGES, params={"filter": text, "since": page["next"]})
    check_problem(answer, 422, "validation_failed", "query/since")


async def test_empty_filter_is_no_filter(owner: Client) -> None:
    await owner.create_task()
    page = await pull(owner, "")
    answer = await owner.get(CHANGES, params={"since": page["next"]})
    assert (answer.status_code, list_numbers(page)) == (200, [1])


@pytest.mark.parametrize("text", ["has:subtasks", "is:open or not no:subtasks"])
async def test_condition_on_subtasks_is_rejected(owner: Client, text: str) -> None:
    answer = await owner.get(CHANGES, params={"filter": text})
    (error,) = check_problem(answer, 422, "validation_failed")["errors"]
    assert (error["pointer"], error["code"]) == ("query/filter", "not_in_sync")
    assert text[error["start"] : error["end"]].endswith(":subtasks")


@pytest.mark.parametrize("query", ["", "?permanent=true"])
async def test_parent_is_a_condition_on_the_task(owner: Client, query: str) -> None:
    await owner.create_task()
    await owner.create_task(parent=1)
    page = await pull(owner, "parent:1 or has:parent")
    assert list_numbers(page) == [2]
    await owner.delete(f"{TASKS}/1{query}")
    page = await pull(owner, "parent:1 or has:parent", since=page["next"])
    assert len(page["removed"]) == 2


async def test_unknown_name_has_a_warning(owner: Client) -> None:
    page = await pull(owner, "p1 or @gym")
    assert [warning["code"] for warning in page["warnings"]] == ["unknown_tag"]
    await owner.create_task(tags=["gym"])
    assert "warnings" not in await pull(owner, "p1 or @gym")
