"""``POST /api/v1/tasks/bulk``: several operations in one request."""

from typing import Any

import pytest

from taskstead.db.database import Database
from taskstead.ids import make_id
from tests.harness.client import Client
from tests.integration.log.replica import Replica, check_change_log, read_log

PATH = "/api/v1/tasks/bulk"

Operations = list[dict[str, Any]]


async def send(client: Client, operations: Operations, **options: Any) -> Any:
    """Send operations that must succeed. Return the response body."""
    answer = await client.post(PATH, {"operations": operations, **options})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def get_workspace_id(client: Client) -> str:
    return str((await client.get("/auth/me")).json()["personal_workspace_id"])


async def count_tasks(client: Client) -> int:
    answer = await client.get("/api/v1/tasks?include_total=true&deleted=include&limit=1")
    return int(answer.json()["total"])


def create(title: str = "A task", **fields: Any) -> dict[str, Any]:
    return {"op": "create", "task": {"title": title, **fields}}


async def test_operations_see_the_effects_of_earlier_ones(
    owner: Client, database: Database
) -> None:
    root, leaf, gone = make_id(), make_id(), make_id()
    answer = await send(
        owner,
        [
            create("Root", id=root, category="Home", tags=["a"]),
            create("Leaf", id=leaf, parent=root),
            {"op": "update", "id": leaf, "task": {"completed": True, "tags": ["a", "b"]}},
            {"op": "update", "id": 1, "task": {"title": "New root"}},
            {"op": "update", "id": 1, "task": {"priority": 1}},
            {"op": "trash", "id": root},
            {"op": "restore", "id": root},
            create("Gone", id=gone),
            {"op": "purge", "id": gone},
        ],
    )
    assert [result["status"] for result in answer["results"]] == [
        *(201, 201, 200, 200, 200, 204, 200, 201, 204)
    ]
    assert (answer["succeeded"], answer["failed"], answer["dry_run"]) == (9, 0, False)
    found = answer["results"][0]["task"]
    assert found == answer["results"][6]["task"]
    assert (found["title"], found["priority"], found["category"]["name"]) == ("New root", 1, "Home")
    assert "description" not in found
    assert answer["results"][5]["task"] is None
    revision = answer["revision"]
    assert answer["results"][7] == {
        "status": 201,
        "id": gone,
        "task": None,
        "revision": revision,
        "problem": None,
    }
    whole = (await owner.get(f"/api/v1/tasks/{leaf}")).json()
    assert (whole["status"], whole["tags"], whole["parent"]) == ("done", ["a", "b"], root)
    workspace_id = await get_workspace_id(owner)
    await check_change_log(database, Replica(workspace_id))
    log = await read_log(database, workspace_id)
    assert len({change["batch_id"] for change in log[2:]}) == 1


async def test_atomic_request_applies_all_or_nothing(owner: Client) -> None:
    await owner.create_task()
    answer = await owner.post(
        PATH,
        {
            "operations": [
                create("One"),
                {"op": "update", "id": 1, "task": {"title": "Changed"}},
                {"op": "update", "id": 2, "task": {"parent": 99}},
            ]
        },
    )
    assert answer.status_code == 422, answer.text
    problem = answer.json()
    assert [wrong["pointer"] for wrong in problem["errors"]] == ["/operations/2/task/parent"]
    assert await count_tasks(owner) == 1
    assert (await owner.get("/api/v1/tasks/1")).json()["title"] == "A task"
    # No task number was used up either.
    assert (await owner.create_task())["number"] == 2


@pytest.mark.parametrize(
    ("operation", "status", "code", "pointer"),
    [
        ({"op": "update", "id": 99, "task": {}}, 404, "not_found", "/id"),
        ({"op": "trash", "id": 99}, 404, "not_found", "/id"),
        ({"op": "purge", "id": 99}, 404, "not_found", "/id"),
        ({"op": "update", "id": 2, "task": {"title": "x"}}, 409, "task_trashed", "/id"),
        ({"op": "restore", "id": 3}, 409, "task_trashed", "/id"),
        (create(id="TAKEN"), 409, "name_taken", "/task/id"),
        (create(parent=2), 422, "validation_failed", "/task/parent"),
        (create(assignee=make_id()), 422, "validation_failed", "/task/assignee"),
        ({"op": "trash", "id": 1, "if_revision": 1}, 412, "revision_mismatch", "/if_revision"),
        (create(priority=6), 422, "validation_failed", "/task/priority"),
        (create(color="red"), 422, "validation_failed", "/task/color"),
        ({"op": "create", "task": {}}, 422, "validation_failed", "/task/title"),
        ({"op": "shred", "id": 1}, 422, "validation_failed", "/op"),
        ({"id": 1}, 422, "validation_failed", "/op"),
        ({"op": "trash"}, 422, "validation_failed", "/id"),
        ({"op": "trash", "id": "x"}, 422, "validation_failed", "/id"),
        ({"op": "trash", "id": "1"}, 422, "validation_failed", "/id"),
        ("nonsense", 422, "validation_failed", ""),
    ],
)
async def test_failed_operation_is_reported_in_both_modes(
    owner: Client, operation: Any, status: int, code: str, pointer: str
) -> None:
    first = await owner.create_task(title="Live")
    await owner.create_task(title="In the trash")
    await owner.create_task(title="Below it", parent=2)
    await owner.delete("/api/v1/tasks/2")
    if isinstance(operation, dict) and operation.get("task", {}).get("id") == "TAKEN":
        operation = create(id=first["id"])
    operations = [create("Before"), operation, create("After")]

    answer = await owner.post(PATH, {"operations": operations})
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.json()["errors"][0]["pointer"] == f"/operations/1{pointer}"
    assert await count_tasks(owner) == 3

    results = (await send(owner, operations, atomic=False))["results"]
    assert [result["status"] for result in results] == [201, status, 201]
    assert results[1]["task"] is None
    assert results[1]["problem"]["code"] == code
    assert results[1]["problem"]["status"] == status
    assert results[1]["problem"]["errors"][0]["pointer"] == f"/operations/1{pointer}"
    assert await count_tasks(owner) == 5
    # A failed creation does not use up a number.
    assert results[2]["task"]["number"] == results[0]["task"]["number"] + 1


async def test_all_invalid_operations_are_reported_together(owner: Client) -> None:
    operations = [create(priority=0), create(), create(status="x", due_date="soon")]
    answer = await owner.post(PATH, {"operations": operations})
    assert answer.status_code == 422
    assert [wrong["pointer"] for wrong in answer.json()["errors"]] == [
        "/operations/0/task/priority",
        "/operations/2/task/status",
        "/operations/2/task/due_date",
    ]


@pytest.mark.parametrize("is_atomic", [True, False])
async def test_dry_run_returns_results_and_writes_nothing(
    owner: Client, database: Database, *, is_atomic: bool
) -> None:
    task = await owner.create_task()
    operations: Operations = [
        create("New", id=make_id(), category="New", tags=["new"]),
        {"op": "update", "id": 1, "task": {"title": "Changed"}},
        {"op": "purge", "id": 1},
    ]
    answer = await send(owner, operations, atomic=is_atomic, dry_run=True)
    assert [result["status"] for result in answer["results"]] == [201, 200, 204]
    assert answer["dry_run"] is True
    assert answer["results"][0]["task"]["tags"] == ["new"]
    assert (await owner.get("/api/v1/tasks/1")).json() == task
    assert (await owner.get("/api/v1/categories")).json()["items"] == []
    assert await count_tasks(owner) == 1
    await check_change_log(database, Replica(await get_workspace_id(owner)))
    broken = await owner.post(PATH, {"operations": [create(parent=9)], "dry_run": True})
    assert broken.status_code == 422


async def test_operations_that_depend_on_a_failed_one_fail(owner: Client) -> None:
    taken = (await owner.create_task())["id"]
    lost = make_id()
    answer = await send(
        owner,
        [
            create("Taken", id=taken),
            create("Lost", id=lost, assignee=make_id()),
            create("Below the lost one", parent=lost),
            create("Good", category="Good"),
        ],
        atomic=False,
    )
    assert [result["status"] for result in answer["results"]] == [409, 422, 422, 201]
    assert (answer["succeeded"], answer["failed"]) == (1, 3)


async def test_moves_in_one_request_respect_cycle_and_depth_limits(
    owner: Client, database: Database
) -> None:
    ids = [make_id() for _ in range(9)]
    chain = [
        create(str(depth), id=id_, **({"parent": ids[depth - 1]} if depth % 4 else {}))
        for depth, id_ in enumerate(ids[:8])
    ]
    # Two chains of four: the second moves below the first, then the first below the second.
    answer = await send(
        owner,
        [
            *chain,
            {"op": "update", "id": ids[4], "task": {"parent": ids[3]}},
            {"op": "update", "id": ids[0], "task": {"parent": ids[7]}},
            create("Ninth", id=ids[8], parent=ids[7]),
            create("Beside", parent=ids[6]),
        ],
        atomic=False,
    )
    assert [result["status"] for result in answer["results"]] == [201] * 8 + [200, 422, 422, 201]
    assert [result["problem"]["errors"][0]["code"] for result in answer["results"][9:11]] == [
        "cycle",
        "depth",
    ]
    await check_change_log(database, Replica(await get_workspace_id(owner)))


async def test_two_levels_are_swapped_in_one_request(owner: Client) -> None:
    """Each move is checked against the tree after the moves before it."""
    upper, lower = make_id(), make_id()
    await send(owner, [create("Upper", id=upper), create("Lower", id=lower, parent=upper)])
    await send(
        owner,
        [
            {"op": "update", "id": lower, "task": {"parent": None}},
            {"op": "update", "id": upper, "task": {"parent": lower}},
        ],
    )
    assert (await owner.get(f"/api/v1/tasks/{upper}")).json()["parent"] == lower


async def test_trees_are_restored_and_purged_in_one_request(
    owner: Client, database: Database
) -> None:
    root, below, single = make_id(), make_id(), make_id()
    await send(
        owner,
        [
            create("Root", id=root, category="A"),
            create("Below", id=below, parent=root, category="B"),
            create("Single", id=single),
            {"op": "trash", "id": root},
            {"op": "trash", "id": single},
        ],
    )
    for category in (await owner.get("/api/v1/categories")).json()["items"]:
        await owner.delete(f"/api/v1/categories/{category['id']}")
    answer = await send(
        owner, [{"op": "restore", "id": id_} for id_ in (root, below, single)], atomic=False
    )
    assert [result["status"] for result in answer["results"]] == [200] * 3
    assert len((await owner.get("/api/v1/categories")).json()["items"]) == 2
    answer = await send(owner, [{"op": "purge", "id": id_} for id_ in (root, below, 2, single)])
    assert answer["succeeded"] == 4
    assert await count_tasks(owner) == 0
    await check_change_log(database, Replica(await get_workspace_id(owner)))


async def test_stale_revision_is_rejected(owner: Client) -> None:
    task = await owner.create_task()
    change = {"op": "update", "id": 1, "task": {"title": "x"}, "if_revision": task["revision"]}
    answer = await send(owner, [change, change], atomic=False)
    assert [result["status"] for result in answer["results"]] == [200, 412]


async def test_number_of_operations_is_limited(owner: Client) -> None:
    for operations in ([], [create()] * 1001):
        answer = await owner.post(PATH, {"operations": operations})
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == "/operations"


def make_operations_of_kind(kind: str, numbers: range) -> Operations:
    if kind == "create":
        return [
            create(f"Task {number}", category=f"C{number % 7}", tags=[f"t{number % 9}"])
            for number in numbers
        ]
    if kind == "update":
        bodies: list[dict[str, Any]] = [
            {"title": "New", "tags": ["new"]},
            {"completed": True, "priority": 1},
            {"due_date": "2026-12-01", "category": "New"},
            {"parent": numbers[0] - 1},
        ]
        return [
            {"op": kind, "id": number, "task": bodies[number % len(bodies)]} for number in numbers
        ]
    return [{"op": kind, "id": number} for number in numbers]


async def test_thousand_operations_need_the_statements_of_ten(
    owner: Client, database: Database
) -> None:
    counts: dict[str, list[int]] = {}
    first = 1
    for size in (10, 1000):
        await owner.create_task(title="A parent")
        numbers = range(first + 1, first + 1 + size)
        for kind in ("create", "update", "trash", "restore", "purge"):
            operations = make_operations_of_kind(kind, numbers)
            before = database.meter.statements
            answer = await send(owner, operations)
            counts.setdefault(kind, []).append(database.meter.statements - before)
            assert answer["succeeded"] == size
        first += size + 1
    # The ten run first and create the categories and tags.
    assert all(many <= few for few, many in counts.values()), counts
    assert max(many for _, many in counts.values()) <= 20, counts


async def test_results_have_the_revision_of_the_last_change(owner: Client) -> None:
    first, second = [await owner.create_task(title=title) for title in ("First", "Second")]
    operations = [
        {"op": "trash", "id": first["id"]},
        {"op": "update", "id": second["id"], "task": {"title": "New"}},
        {"op": "update", "id": second["id"], "task": {"priority": 1}},
        {"op": "update", "id": 99, "task": {"priority": 1}},
    ]
    answer = await send(owner, operations, atomic=False)
    start = second["revision"]
    assert [result["revision"] for result in answer["results"]] == [
        *(start + 1, start + 3, start + 3, None)
    ]
    assert answer["revision"] == start + 3


async def test_unchanged_task_has_no_new_revision(owner: Client) -> None:
    task = await owner.create_task(title="Same")
    operation = {"op": "update", "id": task["id"], "task": {"title": "Same"}}
    (result,) = (await send(owner, [operation]))["results"]
    assert (result["status"], result["revision"]) == (200, None)
