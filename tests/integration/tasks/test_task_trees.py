"""Sub-tasks: valid parents, depth, and the effects of trash and restore on a tree."""

from typing import Any

import pytest

from taskstead.ids import make_id
from tests.harness.client import Client
from tests.harness.problems import check_problem

pytestmark = [pytest.mark.balanced, pytest.mark.engines("sqlite", "postgresql")]

PATH = "/api/v1/tasks"
MAX_DEPTH = 8


async def create_chain(client: Client, length: int) -> list[dict[str, Any]]:
    """Create tasks, each as a child of the previous one."""
    chain: list[dict[str, Any]] = []
    for _ in range(length):
        chain.append(await client.create_task(parent=chain[-1]["id"] if chain else None))
    return chain


async def set_parent(client: Client, task: int, parent: int | None) -> Any:
    return await client.patch(f"{PATH}/{task}", {"parent": parent})


async def list_trashed(client: Client, count: int) -> list[int]:
    """Return the numbers in the trash among the first tasks."""
    tasks = [(await client.get(f"{PATH}/{number + 1}")).json() for number in range(count)]
    return [task["number"] for task in tasks if task["deleted_at"] is not None]


async def test_parent_is_given_by_id_or_number(owner: Client) -> None:
    parent = await owner.create_task()
    for reference in (parent["id"], parent["id"].upper(), parent["number"]):
        assert (await owner.create_task(parent=reference))["parent"] == parent["id"]
    assert (await owner.patch(f"{PATH}/2", {"parent": None})).json()["parent"] is None


async def test_unknown_or_malformed_parent_is_rejected(owner: Client) -> None:
    await owner.create_task()
    for reference in (make_id(), 99, "1", 0, -1, 1.0, True, 10**18, "x"):
        answer = await owner.post(PATH, {"title": "x", "parent": reference})
        check_problem(answer, 422, "validation_failed", "/parent")


async def test_task_cannot_be_its_own_ancestor(owner: Client) -> None:
    chain = await create_chain(owner, 4)
    for below in chain:
        answer = await set_parent(owner, 1, below["number"])
        check_problem(answer, 422, "validation_failed", "/parent")
        replaced = await owner.put(
            f"{PATH}/{chain[0]['id']}", {"title": "x", "parent": below["id"]}
        )
        check_problem(replaced, 422, "validation_failed", "/parent")
    itself = make_id()
    new = await owner.post(PATH, {"title": "x", "id": itself, "parent": itself})
    check_problem(new, 422, "validation_failed", "/parent")
    # The opposite direction is valid.
    assert (await set_parent(owner, 4, 1)).status_code == 200
    assert (await set_parent(owner, 2, 4)).status_code == 200


async def test_depth_is_limited_to_eight_levels(owner: Client) -> None:
    chain = await create_chain(owner, MAX_DEPTH)
    deeper = await owner.post(PATH, {"title": "x", "parent": chain[-1]["id"]})
    check_problem(deeper, 422, "validation_failed", "/parent")
    # A tree moves as a whole: two levels do not fit where one does.
    pair = await create_chain(owner, 2)
    refused = await set_parent(owner, pair[0]["number"], MAX_DEPTH - 1)
    check_problem(refused, 422, "validation_failed", "/parent")
    assert (await set_parent(owner, pair[0]["number"], MAX_DEPTH - 2)).status_code == 200


async def test_trashed_tasks_count_for_the_depth_limit(owner: Client) -> None:
    """Otherwise a restore could exceed the limit."""
    await create_chain(owner, MAX_DEPTH)
    single = await owner.create_task()
    leaf = await owner.create_task(parent=single["id"])
    await owner.delete(f"{PATH}/{leaf['id']}")
    refused = await set_parent(owner, single["number"], MAX_DEPTH - 1)
    check_problem(refused, 422, "validation_failed", "/parent")


async def test_descendants_are_trashed_and_restored_together(owner: Client) -> None:
    #  1 ── 2 ── 3
    #   └── 4      (trashed before)
    await create_chain(owner, 3)
    await owner.create_task(parent=1)
    await owner.delete(f"{PATH}/4")
    before = [(await owner.get(f"{PATH}/{number}")).json() for number in (1, 2, 3)]
    await owner.delete(f"{PATH}/1")
    assert await list_trashed(owner, 4) == [1, 2, 3, 4]
    refused = await owner.post(f"{PATH}/2/restore")
    check_problem(refused, 409, "task_trashed")
    assert (await owner.post(f"{PATH}/1/restore")).status_code == 200
    assert await list_trashed(owner, 4) == [4]
    for old in before:
        new = (await owner.get(f"{PATH}/{old['id']}")).json()
        changed = {"revision", "updated_at"}
        assert {k: new[k] for k in new if k not in changed} == {
            k: old[k] for k in old if k not in changed
        }
    assert (await owner.post(f"{PATH}/4/restore")).json()["deleted_at"] is None


async def test_branch_trashed_earlier_is_restored_separately(owner: Client) -> None:
    await create_chain(owner, 4)
    await owner.delete(f"{PATH}/3")
    await owner.delete(f"{PATH}/1")
    await owner.post(f"{PATH}/1/restore")
    assert await list_trashed(owner, 4) == [3, 4]
    await owner.post(f"{PATH}/3/restore")
    assert await list_trashed(owner, 4) == []


async def test_new_tasks_below_a_trashed_parent_are_rejected(owner: Client) -> None:
    await owner.create_task()
    await owner.create_task()
    await owner.delete(f"{PATH}/1")
    for answer in (
        await owner.post(PATH, {"title": "x", "parent": 1}),
        await set_parent(owner, 2, 1),
    ):
        check_problem(answer, 422, "validation_failed", "/parent")


async def test_lists_count_sub_tasks(owner: Client) -> None:
    await owner.create_task()
    for status in ("todo", "in_progress", "done", "cancelled", "todo"):
        await owner.create_task(parent=1, status=status)
    await owner.create_task(parent=2)
    await owner.delete(f"{PATH}/6")
    items = (await owner.get(PATH)).json()["items"]
    counts = {item["number"]: (item["subtask_count"], item["open_subtask_count"]) for item in items}
    assert counts == {1: (4, 2), 2: (1, 1), 3: (0, 0), 4: (0, 0), 5: (0, 0), 7: (0, 0)}


@pytest.mark.parametrize("field", ["parent", "assignee"])
async def test_references_to_another_workspace_are_rejected(client: Client, field: str) -> None:
    ann, bob = [await client.register(f"{name}@example.com") for name in ("ann", "bob")]
    theirs = {
        "parent": (await bob.create_task())["id"],
        "assignee": (await bob.get("/auth/me")).json()["id"],
    }
    answer = await ann.post(PATH, {"title": "x", field: theirs[field]})
    check_problem(answer, 422, "validation_failed", f"/{field}")
    await ann.create_task()
    answer = await ann.patch(f"{PATH}/1", {field: theirs[field]})
    check_problem(answer, 422, "validation_failed", f"/{field}")
