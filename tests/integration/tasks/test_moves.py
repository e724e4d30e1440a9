"""Manual order: each move writes one task and results in the requested order."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import bindparam, update

from taskstead.db.database import Database
from taskstead.ids import make_id
from taskstead.tables.tasks import tasks
from tests.harness.client import Client
from tests.integration.transfer.files import import_all

pytestmark = pytest.mark.balanced

_SET_POSITION = (
    update(tasks).where(tasks.c.number == bindparam("which")).values(position=bindparam("position"))
)


async def make_tasks(client: Client, count: int) -> list[dict[str, Any]]:
    return [await client.create_task(title=f"Task {number + 1}") for number in range(count)]


async def move(client: Client, number: int, **where: Any) -> dict[str, Any]:
    answer = await client.post(f"/api/v1/tasks/{number}/move", where)
    assert answer.status_code == 200, answer.text
    task: dict[str, Any] = answer.json()
    return task


async def list_order(client: Client, deleted: str = "exclude") -> list[int]:
    path = f"/api/v1/tasks?sort=position&limit=200&deleted={deleted}"
    return [task["number"] for task in (await client.get(path)).json()["items"]]


async def set_position(database: Database, number: int, position: str) -> None:
    async with database.transaction() as transaction:
        await transaction.execute(_SET_POSITION, {"which": number, "position": position})


async def test_new_tasks_come_last(owner: Client) -> None:
    await make_tasks(owner, 70)
    assert await list_order(owner) == list(range(1, 71))


@pytest.mark.parametrize(
    ("number", "where", "expected"),
    [
        (4, {"before": 2}, [1, 4, 2, 3, 5]),
        (2, {"after": 4}, [1, 3, 4, 2, 5]),
        (3, {"before": 1}, [3, 1, 2, 4, 5]),
        (3, {"after": 5}, [1, 2, 4, 5, 3]),
        (3, {"to": "start"}, [3, 1, 2, 4, 5]),
        (3, {"to": "end"}, [1, 2, 4, 5, 3]),
        (1, {"before": 2}, [1, 2, 3, 4, 5]),
        (2, {"after": 1}, [1, 2, 3, 4, 5]),
        (1, {"to": "start"}, [1, 2, 3, 4, 5]),
        (5, {"to": "end"}, [1, 2, 3, 4, 5]),
    ],
)
async def test_task_moves_to_the_requested_place(
    owner: Client, number: int, where: dict[str, Any], expected: list[int]
) -> None:
    before = {task["number"]: task for task in await make_tasks(owner, 5)}
    moved = await move(owner, number, **where)
    assert await list_order(owner) == expected
    if expected == [1, 2, 3, 4, 5]:
        assert moved == before[number], "a task that is already there is not changed"
        return
    assert moved["revision"] == before[5]["revision"] + 1, "one change"
    changed = {"position", "revision", "updated_at"}
    assert {name for name in moved if moved[name] != before[number][name]} == changed
    for other in set(before) - {number}:
        assert (await owner.get(f"/api/v1/tasks/{other}")).json() == before[other]


async def test_other_task_may_be_given_by_id(owner: Client) -> None:
    made = await make_tasks(owner, 3)
    await move(owner, 3, before=made[0]["id"].upper())
    assert await list_order(owner) == [3, 1, 2]


async def test_new_task_follows_tasks_moved_to_the_end(owner: Client) -> None:
    await make_tasks(owner, 3)
    for number in (1, 2, 1, 3):
        await move(owner, number, to="end")
    await owner.create_task()
    await move(owner, 2, after=4)
    await owner.create_task()
    assert await list_order(owner) == [1, 3, 4, 2, 5]
    positions = [task["position"] for task in (await owner.get("/api/v1/tasks")).json()["items"]]
    assert len(set(positions)) == len(positions)


async def test_trashed_tasks_keep_their_place(owner: Client) -> None:
    await make_tasks(owner, 4)
    await owner.delete("/api/v1/tasks/2")
    await move(owner, 4, after=1)
    await move(owner, 3, before=4)
    assert await list_order(owner) == [1, 3, 4]
    await owner.post("/api/v1/tasks/2/restore")
    positions = [task["position"] for task in (await owner.get("/api/v1/tasks")).json()["items"]]
    assert len(set(positions)) == 4


async def test_concurrent_moves_into_one_gap_all_succeed(owner: Client) -> None:
    await make_tasks(owner, 22)
    await asyncio.gather(
        *(move(owner, number, after=1) for number in range(3, 12)),
        *(move(owner, number, before=2) for number in range(12, 22)),
        move(owner, 22, to="start"),
    )
    order = await list_order(owner)
    assert (order[0], order[1], order[-1]) == (22, 1, 2)
    assert sorted(order) == list(range(1, 23))
    listed = (await owner.get("/api/v1/tasks?sort=position&limit=200")).json()["items"]
    assert len({task["position"] for task in listed}) == 22


async def test_move_needs_constant_number_of_statements(owner: Client, database: Database) -> None:
    counts = []
    for count in (3, 30):
        await make_tasks(owner, count)
        before = database.meter.statements
        await move(owner, 1, after=3)
        await move(owner, 1, to="start")
        counts.append(database.meter.statements - before)
    assert counts[0] == counts[1]
    # With BEGIN and COMMIT of two requests.
    assert counts[0] <= 19


@pytest.mark.parametrize(("low", "high"), [("a5", "a5"), ("a5", "a5" + "0" * 1200 + "1")])
async def test_exhausted_gap_is_renumbered(
    owner: Client, database: Database, low: str, high: str
) -> None:
    await make_tasks(owner, 4)
    await set_position(database, 2, low)
    await set_position(database, 3, high)
    before = await list_order(owner)
    await move(owner, 1, after=2)
    after = await list_order(owner)
    assert after == [number for n in before if n != 1 for number in ((n, 1) if n == 2 else (n,))]
    listed = (await owner.get("/api/v1/tasks?sort=position")).json()["items"]
    positions = [task["position"] for task in listed]
    assert len(set(positions)) == 4
    assert max(map(len, positions)) < 5


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({}, "", "one_place"),
        ({"before": 2, "to": "end"}, "", "one_place"),
        ({"before": None}, "/before", "task_reference"),
        ({"to": "top"}, "/to", "literal_error"),
        ({"before": 9}, "/before", "task"),
        ({"after": "01a1fbe6-20bc-7000-8e52-ea79cce82543"}, "/after", "task"),
        ({"before": 1}, "/before", "same_task"),
        ({"after": 3}, "/after", "task_trashed"),
        ({"befor": 2}, "/befor", "extra_forbidden"),
    ],
)
async def test_invalid_moves_are_rejected(
    owner: Client, body: dict[str, Any], pointer: str, code: str
) -> None:
    await make_tasks(owner, 3)
    await owner.delete("/api/v1/tasks/3")
    answer = await owner.post("/api/v1/tasks/1/move", body)
    assert answer.status_code == 422
    assert (pointer, code) in [(e["pointer"], e["code"]) for e in answer.json()["errors"]]


async def test_trashed_task_is_not_moved(owner: Client) -> None:
    await make_tasks(owner, 2)
    await owner.delete("/api/v1/tasks/1")
    answer = await owner.post("/api/v1/tasks/1/move", {"to": "end"})
    assert (answer.status_code, answer.json()["code"]) == (409, "task_trashed")


PLACED = b'{"title": "E", "position": "b00"}'
LAST_OF_ITS_LENGTH = b'{"title": "E", "position": "bzzV"}'


async def list_titles(client: Client) -> list[str]:
    items = (await client.get("/api/v1/tasks?sort=position&limit=200")).json()["items"]
    return [task["title"] for task in items]


@pytest.mark.parametrize(
    ("method", "line"),
    [
        *((method, PLACED) for method in ("post", "put", "bulk", "legacy", "import", "number")),
        ("post", LAST_OF_ITS_LENGTH),
    ],
)
async def test_new_tasks_come_after_imported_positions(
    owner: Client, method: str, line: bytes
) -> None:
    await run_import(owner, line)
    if method == "post":
        await owner.create_task(title="new")
    elif method == "put":
        await owner.put(f"/api/v1/tasks/{make_id()}", {"title": "new"})
    elif method == "bulk":
        operation = {"op": "create", "task": {"title": "new"}}
        await owner.post("/api/v1/tasks/bulk", {"operations": [operation]})
    elif method == "legacy":
        await owner.post("/todos/", {"title": "new"})
    elif method == "import":
        await run_import(owner, b'{"title": "new"}')
    else:
        # The number of a task does not affect its position.
        await owner.create_task(title="between")
        await run_import(owner, b'{"title": "new", "number": 17}')
    assert await list_titles(owner) == ["E", *(["between"] if method == "number" else []), "new"]
    await owner.create_task(title="last")
    assert (await list_titles(owner))[-2:] == ["new", "last"]


async def test_import_follows_the_order_of_its_lines(owner: Client) -> None:
    await run_import(owner, b'{"title": "first"}\n' + PLACED + b'\n{"title": "last"}')
    assert await list_titles(owner) == ["first", "E", "last"]


async def test_replaced_task_takes_its_new_position(owner: Client) -> None:
    task = await owner.create_task(title="E")
    line = b'{"id": "%s", "title": "E", "position": "b00"}' % task["id"].encode()
    await run_import(owner, line)
    await owner.create_task(title="new")
    assert await list_titles(owner) == ["E", "new"]


async def test_task_moved_to_the_end_stays_before_new_tasks(owner: Client) -> None:
    await owner.create_task(title="moved")
    await run_import(owner, PLACED)
    await move(owner, 1, to="end")
    await owner.create_task(title="new")
    assert await list_titles(owner) == ["E", "moved", "new"]


async def test_new_task_comes_last_after_renumbering(owner: Client, database: Database) -> None:
    lines = b"\n".join(
        b'{"title": "%d", "position": "a1%s"}' % (place, key)
        for place, key in enumerate((b"1", b"2", b"3"))
    )
    await run_import(owner, lines)
    await make_tasks(owner, 1)
    await set_position(database, 2, "a11")
    # Two tasks have the same position, so there is no key between them. All tasks get new
    # positions.
    await move(owner, 4, before=2)
    await owner.create_task(title="new")
    assert (await list_titles(owner))[-1] == "new"


async def run_import(client: Client, body: bytes) -> None:
    job = await import_all(client, body)
    assert (job["state"], job["errors"]) == ("done", []), job
