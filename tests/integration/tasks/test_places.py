"""The field ``place`` (manual order) in create, update, replace and bulk operations."""

from typing import Any

import pytest

from taskstead.db.database import Database
from taskstead.ids import make_id
from tests.harness.client import Client
from tests.harness.problems import check_problem
from tests.integration.log.replica import Replica, check_change_log
from tests.integration.tasks.test_moves import list_order, make_tasks, move, set_position

TASKS = "/api/v1/tasks"
BULK = f"{TASKS}/bulk"


async def check_log(client: Client, database: Database) -> None:
    account = (await client.get("/auth/me")).json()
    await check_change_log(database, Replica(account["personal_workspace_id"]))


async def send_bulk(client: Client, *operations: dict[str, Any], **options: Any) -> Any:
    answer = await client.post(BULK, {"operations": operations, **options})
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ({"before": 2}, [1, 4, 2, 3]),
        ({"after": 2}, [1, 2, 4, 3]),
        ({"to": "start"}, [4, 1, 2, 3]),
        ({"to": "end"}, [1, 2, 3, 4]),
        (None, [1, 2, 3, 4]),
    ],
)
async def test_new_task_is_created_at_its_place(
    owner: Client, place: dict[str, Any] | None, expected: list[int]
) -> None:
    await make_tasks(owner, 3)
    task = await owner.create_task(place=place)
    assert await list_order(owner) == expected
    assert "place" not in task
    # The next new task still comes last.
    await owner.create_task()
    assert await list_order(owner) == [*expected, 5]


async def test_update_moves_the_task_until_it_is_undone(owner: Client, database: Database) -> None:
    await make_tasks(owner, 3)
    updated = await owner.patch(f"{TASKS}/3", {"title": "New", "place": {"before": 1}})
    assert updated.json()["title"] == "New"
    assert await list_order(owner) == [3, 1, 2]
    undone = await owner.post(f"/api/v1/changes/{updated.json()['revision']}/undo")
    assert undone.status_code == 200
    assert (await list_order(owner)).index(3) > 0
    await check_log(owner, database)


async def test_update_with_its_current_or_no_place_moves_nothing(owner: Client) -> None:
    tasks = await make_tasks(owner, 3)
    same = await owner.patch(f"{TASKS}/2", {"place": {"before": 3}})
    assert same.json()["revision"] == tasks[1]["revision"]
    await owner.patch(f"{TASKS}/2", {"place": None})
    assert await list_order(owner) == [1, 2, 3]


async def test_put_replaces_or_creates_the_task_at_its_place(
    owner: Client, database: Database
) -> None:
    tasks = await make_tasks(owner, 3)
    path = f"{TASKS}/{tasks[0]['id']}"
    assert (await owner.put(path, {"title": "x", "place": {"to": "end"}})).status_code == 200
    assert await list_order(owner) == [2, 3, 1]
    created = await owner.put(f"{TASKS}/{make_id()}", {"title": "x", "place": {"after": 2}})
    assert created.status_code == 201
    assert await list_order(owner) == [2, 4, 3, 1]
    await check_log(owner, database)


async def test_move_respects_if_match(owner: Client) -> None:
    task = (await make_tasks(owner, 3))[2]
    path = f"{TASKS}/{task['id']}/move"
    old = {"If-Match": '"1"'}
    check_problem(await owner.post(path, {"to": "start"}, headers=old), 412, "revision_mismatch")
    assert await list_order(owner) == [1, 2, 3]
    current = {"If-Match": f'"{task["revision"]}"'}
    moved = await owner.post(path, {"to": "start"}, headers=current)
    assert (moved.status_code, await list_order(owner)) == (200, [3, 1, 2])
    again = await owner.post(path, {"to": "end"}, headers={"If-Match": moved.headers["etag"]})
    assert again.status_code == 200
    wrong = await owner.post(path, {"to": "end"}, headers={"If-Match": "1"})
    check_problem(wrong, 422, "validation_failed")


async def test_bulk_moves_are_applied_in_sequence(owner: Client, database: Database) -> None:
    await make_tasks(owner, 6)
    answer = await send_bulk(
        owner,
        {"op": "move", "id": 6, "to": "start"},
        {"op": "move", "id": 1, "after": 3},
        {"op": "move", "id": 2, "after": 1},
        {"op": "move", "id": 4, "to": "end"},
        {"op": "move", "id": 5, "before": 4},
        {"op": "update", "id": 3, "task": {"priority": 1, "place": {"after": 6}}},
    )
    assert [result["status"] for result in answer["results"]] == [200] * 6
    assert await list_order(owner) == [6, 3, 1, 2, 5, 4]
    undone = await owner.post(f"/api/v1/batches/{answer['batch']}/undo")
    assert undone.status_code == 200, undone.text
    assert await list_order(owner) == [1, 2, 3, 4, 5, 6]
    await check_log(owner, database)


async def test_task_moves_next_to_a_task_that_also_moves(owner: Client) -> None:
    await make_tasks(owner, 4)
    await send_bulk(
        owner,
        {"op": "move", "id": 1, "after": 3},
        {"op": "move", "id": 3, "to": "end"},
        {"op": "move", "id": 1, "before": 2},
        {"op": "move", "id": 2, "after": 3},
    )
    assert await list_order(owner) == [1, 4, 3, 2]


async def test_new_tasks_of_a_bulk_are_placed_next_to_each_other(
    owner: Client, database: Database
) -> None:
    await make_tasks(owner, 2)
    ids = [make_id() for _ in range(3)]
    places = [None, {"before": ids[0]}, {"to": "end"}, {"to": "start"}, {"after": ids[2]}, None]
    answer = await send_bulk(
        owner,
        *(
            {"op": "create", "task": {"title": "x", "place": place, "id": id_}}
            for place, id_ in zip(places, [*ids, None, None, None], strict=True)
        ),
    )
    numbers = [result["task"]["number"] for result in answer["results"]]
    a, b, c, d, e, f = numbers
    assert await list_order(owner) == [d, 1, 2, b, a, c, e, f]
    positions = [task["position"] for task in (await owner.get(TASKS)).json()["items"]]
    assert len(set(positions)) == 8
    await check_log(owner, database)


@pytest.mark.parametrize(
    ("place", "pointer", "code"),
    [
        ({}, "/place", "one_place"),
        ({"before": 1, "to": "end"}, "/place", "one_place"),
        ({"before": 99}, "/place/before", "task"),
        ({"after": "01a1fbe6-20bc-7000-8e52-ea79cce82543"}, "/place/after", "task"),
        ({"after": 3}, "/place/after", "task_trashed"),
    ],
)
async def test_invalid_place_changes_nothing(
    owner: Client, place: dict[str, Any], pointer: str, code: str
) -> None:
    await make_tasks(owner, 3)
    await owner.delete(f"{TASKS}/3")
    body = {"title": "Changed", "place": place, "category": "New"}
    for answer in (await owner.post(TASKS, body), await owner.patch(f"{TASKS}/1", body)):
        problem = check_problem(answer, 422, "validation_failed")
        assert [(wrong["pointer"], wrong["code"]) for wrong in problem["errors"]] == [
            (pointer, code)
        ]
    assert (await owner.get(f"{TASKS}/1")).json()["title"] == "Task 1"
    assert (await owner.get("/api/v1/categories")).json()["items"] == []


async def test_bulk_error_points_to_the_invalid_place(owner: Client) -> None:
    task = (await make_tasks(owner, 3))[0]
    await owner.delete(f"{TASKS}/3")
    failed = make_id()
    answer = await send_bulk(
        owner,
        {"op": "move", "id": 1, "after": 9},
        {"op": "move", "id": 1, "after": 1},
        {"op": "move", "id": 1},
        {"op": "move", "id": 3, "to": "start"},
        {"op": "move", "id": 1, "to": "end", "if_revision": task["revision"] + 9},
        {"op": "create", "task": {"title": "x", "id": failed, "parent": 99}},
        {"op": "create", "task": {"title": "x", "place": {"after": failed}}},
        {"op": "update", "id": 2, "task": {"place": {"before": 2}}},
        atomic=False,
    )
    assert [
        (result["status"], result["problem"]["errors"][0]["pointer"])
        for result in answer["results"]
    ] == [
        (422, "/operations/0/after"),
        (422, "/operations/1/after"),
        (422, "/operations/2"),
        (409, "/operations/3/id"),
        (412, "/operations/4/if_revision"),
        (422, "/operations/5/task/parent"),
        (422, "/operations/6/task/place/after"),
        (422, "/operations/7/task/place/before"),
    ]
    assert await list_order(owner) == [1, 2]


async def test_thousand_moves_need_the_statements_of_ten(owner: Client, database: Database) -> None:
    create = {"op": "create", "task": {"title": "A task"}}
    await send_bulk(owner, *[create] * 1000)
    counts = []
    for count in (10, 1000):
        moves: list[dict[str, Any]] = [{"op": "move", "id": count, "to": "start"}]
        moves += [
            {"op": "move", "id": number, "after": number + 1} for number in range(count - 1, 0, -1)
        ]
        before = database.meter.statements
        await send_bulk(owner, *moves)
        counts.append(database.meter.statements - before)
    assert counts[1] <= counts[0]
    assert (await list_order(owner))[:200] == list(range(1000, 800, -1))


@pytest.mark.parametrize(("low", "high"), [("a5", "a5"), ("a5", "a5" + "0" * 1200 + "1")])
async def test_exhausted_gap_is_renumbered_for_all(
    owner: Client, database: Database, low: str, high: str
) -> None:
    await make_tasks(owner, 6)
    await set_position(database, 2, low)
    await set_position(database, 3, high)
    before = [number for number in await list_order(owner) if number not in (1, 6)]
    await send_bulk(
        owner,
        {"op": "move", "id": 1, "after": 2},
        {"op": "move", "id": 6, "after": 1},
        {"op": "move", "id": 2, "to": "start"},
    )
    index = before.index(2) + 1
    expected = [*before[:index], 1, 6, *before[index:]]
    assert await list_order(owner) == [2, *(number for number in expected if number != 2)]
    task = await owner.create_task(place={"after": 2})
    assert (await list_order(owner))[:2] == [2, task["number"]]
    listed = (await owner.get(f"{TASKS}?sort=position")).json()["items"]
    assert len({task["position"] for task in listed}) == 7


async def test_other_tasks_of_a_request_keep_their_new_positions(
    owner: Client, database: Database
) -> None:
    await make_tasks(owner, 4)
    await set_position(database, 2, "a5")
    await set_position(database, 3, "a5")
    await send_bulk(
        owner,
        {"op": "update", "id": 4, "task": {"place": {"after": 2}}},
        {"op": "update", "id": 3, "task": {"title": "Renamed"}},
    )
    path = "/api/v1/activity?kind=task&limit=100"
    logged = {
        change["number"]: field["new"]
        for change in reversed((await owner.get(path)).json()["items"])
        for field in change["fields"]
        if field["field"] == "position"
    }
    listed = (await owner.get(f"{TASKS}?sort=position")).json()["items"]
    assert {task["number"]: task["position"] for task in listed} == logged


async def test_several_moves_around_an_exhausted_gap_succeed(
    owner: Client, database: Database
) -> None:
    await make_tasks(owner, 6)
    for number, position in ((3, "a3"), (4, "a5"), (5, "a5"), (6, "a6")):
        await set_position(database, number, position)
    await send_bulk(
        owner, {"op": "move", "id": 6, "before": 4}, {"op": "move", "id": 3, "after": 4}
    )
    order = await list_order(owner)
    assert order.index(6) + 1 == order.index(4) == order.index(3) - 1


async def test_first_task_may_have_a_place(owner: Client) -> None:
    for end in ("start", "end"):
        await owner.create_task(place={"to": end})
    await owner.create_task()
    assert await list_order(owner) == [1, 2, 3]
    await move(owner, 3, to="start")
    assert await list_order(owner) == [3, 1, 2]
