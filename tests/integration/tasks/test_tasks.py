"""Tasks over the API: create, read, update, replace and validation."""

import re
from typing import Any

import pytest

from taskstead.ids import make_id
from tests.harness.client import Client
from tests.harness.problems import check_problem

pytestmark = pytest.mark.balanced

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
UUID7 = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
UNUSED_ID = "01a1fbf2-ac4e-7000-931d-7e4fa451c7fb"

FULL: dict[str, Any] = {
    "title": "Buy oat milk 🥛",
    "description": "Two *litres*,\n\tfrom the <corner> shop \\o/ ",
    "status": "in_progress",
    "priority": 1,
    "due_date": "2026-12-01T09:00:00+01:00",
    "due_time_zone": "Europe/Berlin",
    "category": "Household",
    "tags": ["errand", "Ärger"],
}


@pytest.mark.engines("sqlite", "postgresql")
async def test_task_is_returned_as_created(owner: Client) -> None:
    created = await owner.post("/api/v1/tasks", FULL)
    assert created.status_code == 201
    task = created.json()
    assert created.headers["location"] == f"/api/v1/tasks/{task['id']}"
    assert {name: task[name] for name in FULL if name not in ("category", "tags")} == {
        name: value for name, value in FULL.items() if name not in ("category", "tags")
    }
    assert task["category"]["name"] == "Household"
    assert task["tags"] == ["errand", "Ärger"] or task["tags"] == ["Ärger", "errand"]
    assert task["completed"] is False
    assert task["number"] == 1
    for reference in (task["id"], task["id"].upper(), "1"):
        assert (await owner.get(f"/api/v1/tasks/{reference}")).json() == task


@pytest.mark.engines("sqlite", "postgresql")
@pytest.mark.parametrize(
    "due_date", ["2026-12-01", "2026-12-01T09:00:00", "2026-12-01T09:00:00.5Z", None]
)
async def test_due_dates_keep_their_kind(owner: Client, due_date: str | None) -> None:
    task = await owner.create_task(due_date=due_date)
    assert task["due_date"] == due_date


async def test_status_and_completed_agree(owner: Client) -> None:
    task = await owner.create_task()
    done = (await owner.patch("/api/v1/tasks/1", {"completed": True})).json()
    assert (done["status"], done["completed"]) == ("done", True)
    assert done["completed_at"] is not None
    again = (await owner.patch("/api/v1/tasks/1", {"status": "done", "title": "x"})).json()
    assert again["completed_at"] == done["completed_at"]
    undone = (await owner.patch("/api/v1/tasks/1", {"completed": False})).json()
    assert (undone["status"], undone["completed"]) == ("todo", False)
    assert undone["completed_at"] is None
    assert undone["created_at"] == task["created_at"]


async def test_patch_changes_only_given_fields(owner: Client) -> None:
    before = (await owner.post("/api/v1/tasks", FULL)).json()
    after = (await owner.patch("/api/v1/tasks/1", {"priority": 5})).json()
    assert after.pop("priority") == 5
    assert after.pop("revision") > before["revision"]
    assert after.pop("updated_at") > before["updated_at"]
    assert after == {name: before[name] for name in after}


async def test_patch_without_changes_writes_nothing(owner: Client) -> None:
    before = (await owner.post("/api/v1/tasks", FULL)).json()
    same = {"title": FULL["title"], "tags": FULL["tags"], "category": "HOUSEHOLD"}
    assert (await owner.patch("/api/v1/tasks/1", same)).json() == before
    assert (await owner.create_task())["revision"] == before["revision"] + 1


async def test_task_with_only_a_title_has_the_defaults(owner: Client) -> None:
    task = await owner.create_task(title="Bare")
    expected: dict[str, Any] = {
        "number": 1,
        "title": "Bare",
        "description": "",
        "status": "todo",
        "completed": False,
        "priority": 3,
        "tags": [],
        **dict.fromkeys(("due_date", "due_time_zone", "category", "parent", "assignee"), None),
        **dict.fromkeys(("completed_at", "deleted_at"), None),
    }
    assert {name: task[name] for name in expected} == expected
    assert task["created_at"] == task["updated_at"]
    assert TIME.fullmatch(task["created_at"])
    assert UUID7.fullmatch(task["id"])


async def test_task_is_assigned_to_a_member_by_id(owner: Client) -> None:
    me = (await owner.get("/auth/me")).json()
    await owner.create_task()
    assigned = await owner.patch("/api/v1/tasks/1", {"assignee": me["id"].upper()})
    assert assigned.json()["assignee"] == me["id"]


async def test_lists_omit_the_description(owner: Client) -> None:
    task = (await owner.post("/api/v1/tasks", FULL)).json()
    (listed,) = (await owner.get("/api/v1/tasks")).json()["items"]
    assert "description" not in listed
    assert {**task, **listed} == {**listed, "description": task["description"]}


async def test_client_may_choose_an_unused_id(owner: Client) -> None:
    id_ = make_id()
    task = await owner.create_task(id=id_.upper())
    assert task["id"] == id_
    taken = await owner.post("/api/v1/tasks", {"title": "x", "id": id_})
    check_problem(taken, 409, "name_taken")
    await owner.delete(f"/api/v1/tasks/{id_}")
    check_problem(await owner.post("/api/v1/tasks", {"title": "x", "id": id_}), 409, "name_taken")
    # The rejected requests used up no number.
    assert (await owner.create_task())["number"] == 2
    version4 = "9b2f8c1e-4d3a-4b6f-8e21-0a1b2c3d4e5f"
    assert (await owner.create_task(id=version4))["id"] == version4


async def test_repeated_put_creates_one_task(owner: Client) -> None:
    path = f"/api/v1/tasks/{make_id()}"
    created = await owner.put(path, FULL)
    assert created.status_code == 201
    assert created.headers["location"] == path
    again = await owner.put(path, FULL)
    assert (again.status_code, again.json()) == (200, created.json())


async def test_put_replaces_all_fields(owner: Client) -> None:
    path = f"/api/v1/tasks/{make_id()}"
    created = await owner.put(path, FULL)
    bare = await owner.put(path, {"title": "Bare"})
    assert bare.status_code == 200
    kept = ("id", "number", "position", "created_at")
    fresh = await owner.create_task(title="Bare")
    changing = (*kept, "revision", "updated_at")
    assert {k: v for k, v in bare.json().items() if k not in changing} == {
        k: v for k, v in fresh.items() if k not in changing
    }
    assert {k: bare.json()[k] for k in kept} == {k: created.json()[k] for k in kept}
    assert (await owner.get("/api/v1/tasks/1")).json() == bare.json()


@pytest.mark.parametrize("before", ["todo", "in_progress", "done", "cancelled"])
async def test_put_ignores_the_previous_status(owner: Client, before: str) -> None:
    task = await owner.create_task(status=before)
    path = f"/api/v1/tasks/{task['id']}"
    replaced = await owner.put(path, {"title": "x", "completed": False})
    assert replaced.json()["status"] == "todo"


async def test_put_by_number_is_rejected(owner: Client) -> None:
    await owner.create_task()
    by_number = await owner.put("/api/v1/tasks/1", {"title": "x"})
    check_problem(by_number, 422, "validation_failed", "path/task")


async def test_trashed_task_is_shown_only_by_id(owner: Client) -> None:
    task = await owner.create_task()
    path = f"/api/v1/tasks/{task['id']}"
    for _ in range(2):
        answer = await owner.delete(path)
        assert (answer.status_code, answer.content) == (204, b"")
    trashed = (await owner.get(path)).json()
    assert trashed["deleted_at"] == trashed["updated_at"] > task["updated_at"]
    assert (await owner.get("/api/v1/tasks")).json()["items"] == []


async def test_trashed_task_cannot_be_changed_until_it_is_restored(owner: Client) -> None:
    task = await owner.create_task()
    path = f"/api/v1/tasks/{task['id']}"
    await owner.delete(path)
    for answer in (
        await owner.patch(path, {"title": "x"}),
        await owner.put(path, {"title": "x"}),
    ):
        check_problem(answer, 409, "task_trashed")
    restored = await owner.post(f"{path}/restore")
    assert restored.status_code == 200
    back = restored.json()
    assert back == {**task, "revision": 5, "updated_at": back["updated_at"]}
    assert (await owner.post(f"{path}/restore")).json() == back


INVALID_FIELDS: tuple[tuple[object, str], ...] = (
    ({}, "/title"),
    ({"title": None}, "/title"),
    ({"title": 7}, "/title"),
    ({"title": "x", "priority": 0}, "/priority"),
    ({"title": "x", "priority": 6}, "/priority"),
    ({"title": "x", "priority": "3"}, "/priority"),
    ({"title": "x", "priority": True}, "/priority"),
    ({"title": "x", "priority": 2.5}, "/priority"),
    ({"title": "x", "status": "open"}, "/status"),
    ({"title": "x", "completed": "yes"}, "/completed"),
    ({"title": "x", "completed": 1}, "/completed"),
    ({"title": "x", "due_date": "tomorrow"}, "/due_date"),
    ({"title": "x", "due_date": "2026-02-29"}, "/due_date"),
    ({"title": "x", "due_date": "2026-12-01T25:00:00"}, "/due_date"),
    ({"title": "x", "due_date": "2026-12-01T09:00:00+25:00"}, "/due_date"),
    ({"title": "x", "due_date": "0001-01-01T00:00:00+14:00"}, "/due_date"),
    ({"title": "x", "due_date": "٢٠٢٦-١٢-٠١"}, "/due_date"),  # noqa: RUF001 - other digits
    ({"title": "x", "due_date": "2026-12-01", "due_time_zone": "CEST"}, "/due_time_zone"),
    ({"title": "x", "category": ""}, "/category"),
    ({"title": "x", "category": {"name": "x"}}, "/category"),
    ({"title": "x", "tags": "a"}, "/tags"),
    ({"title": "x", "tags": ["a", " "]}, "/tags/1"),
    ({"title": "x", "tags": ["a"] * 101}, "/tags"),
    ({"title": "x", "tags": None}, "/tags"),
    ({"title": "x", "id": "7"}, "/id"),
    ({"title": "x", "id": "{01a1fbf2-ac4e-7000-931d-7e4fa451c7fb}"}, "/id"),
    ({"title": "x", "assignee": "me"}, "/assignee"),
    ({"title": "x", "assignee": UNUSED_ID}, "/assignee"),
    ({"title": "x", "number": 7}, "/number"),
    ({"title": "x", "color": "red"}, "/color"),
    ({"title": "x", "": 1}, "/"),
    ({"title": "x", "due-date": None}, "/due-date"),
    ({"title": "x", "a/b~c": None}, "/a~1b~0c"),
    (["x"], ""),
    ("x", ""),
)


@pytest.mark.parametrize(("body", "pointer"), INVALID_FIELDS)
async def test_invalid_value_has_a_pointer(owner: Client, body: object, pointer: str) -> None:
    check_problem(await owner.post("/api/v1/tasks", body), 422, "validation_failed", pointer)
    assert (await owner.get("/api/v1/tasks")).json()["items"] == []
    assert (await owner.get("/api/v1/categories")).json()["items"] == []


@pytest.mark.parametrize(
    "values",
    [
        {"status": "done", "completed": False},
        {"status": "todo", "completed": True},
        {"due_time_zone": "Europe/Berlin"},
        {"due_date": None, "due_time_zone": "Europe/Berlin"},
    ],
)
async def test_contradictory_values_are_rejected(owner: Client, values: dict[str, Any]) -> None:
    answer = await owner.post("/api/v1/tasks", {"title": "x", **values})
    check_problem(answer, 422, "validation_failed")
    assert (await owner.get("/api/v1/tasks")).json()["items"] == []


async def test_all_errors_are_reported_at_once(owner: Client) -> None:
    both = await owner.post("/api/v1/tasks", {"priority": 9, "color": "red"})
    assert len(check_problem(both, 422, "validation_failed")["errors"]) == 3
    # The rejected request used up no number.
    assert (await owner.create_task())["number"] == 1


@pytest.mark.parametrize(
    "name", ["title", "description", "status", "completed", "priority", "tags"]
)
async def test_patch_rejects_null_for_required_fields(owner: Client, name: str) -> None:
    before = (await owner.post("/api/v1/tasks", FULL)).json()
    answer = await owner.patch("/api/v1/tasks/1", {name: None})
    check_problem(answer, 422, "validation_failed", f"/{name}")
    assert (await owner.get("/api/v1/tasks/1")).json() == before


async def test_patch_with_null_clears_optional_fields(owner: Client) -> None:
    await owner.post("/api/v1/tasks", FULL)
    empty = {"due_date": None, "category": None, "parent": None, "assignee": None}
    after = (await owner.patch("/api/v1/tasks/1", empty)).json()
    assert [after[name] for name in empty] == [None] * 4
    assert after["due_time_zone"] is None
    zone = await owner.patch("/api/v1/tasks/1", {"due_time_zone": "Europe/Berlin"})
    check_problem(zone, 422, "validation_failed", "/due_time_zone")


@pytest.mark.parametrize("reference", [UNUSED_ID, "2", "999999999999999999"])
@pytest.mark.parametrize(
    ("method", "suffix", "body"),
    [
        ("GET", "", None),
        ("PATCH", "", {"title": "x"}),
        ("DELETE", "", None),
        ("POST", "/restore", None),
    ],
)
async def test_unknown_task_is_not_found(
    owner: Client, reference: str, method: str, suffix: str, body: dict[str, str] | None
) -> None:
    await owner.create_task()
    answer = await owner.request(method, f"/api/v1/tasks/{reference}{suffix}", json=body)
    check_problem(answer, 404, "not_found")


@pytest.mark.in_process  # nginx itself answers a request whose path contains %00
@pytest.mark.parametrize(
    "reference", ["0", "-1", "1.0", "%C2%B2", "x", "01", "9" * 19, "%00", "a" * 60]
)
async def test_malformed_task_reference_is_rejected(owner: Client, reference: str) -> None:
    answer = await owner.get(f"/api/v1/tasks/{reference}")
    check_problem(answer, 422, "validation_failed", "path/task")


async def test_completed_at_follows_the_status(owner: Client) -> None:
    task = await owner.create_task(completed=True)
    assert task["completed_at"] == task["created_at"]
    for status in ("in_progress", "cancelled", "todo"):
        answer = await owner.patch("/api/v1/tasks/1", {"status": status})
        assert answer.json()["completed_at"] is None
        done = (await owner.patch("/api/v1/tasks/1", {"completed": True})).json()
        assert done["completed_at"] == done["updated_at"]


async def test_only_a_completed_task_is_reopened(owner: Client) -> None:
    await owner.create_task()
    cancelled = (await owner.patch("/api/v1/tasks/1", {"status": "cancelled"})).json()
    assert cancelled["completed"] is False
    again = (await owner.patch("/api/v1/tasks/1", {"completed": False})).json()
    assert again == cancelled


@pytest.mark.engines("sqlite", "postgresql")
async def test_tags_are_replaced_ignoring_case(owner: Client) -> None:
    task = await owner.create_task(tags=["b", "A", "a", " c "])
    assert [name.casefold() for name in task["tags"]] == ["a", "b", "c"]
    again = (await owner.patch("/api/v1/tasks/1", {"tags": ["C", "B", "A"]})).json()
    assert again == task
    fewer = (await owner.patch("/api/v1/tasks/1", {"tags": ["B", "d"]})).json()
    assert fewer["tags"] == ["b", "d"]
    none = (await owner.patch("/api/v1/tasks/1", {"tags": []})).json()
    assert none["tags"] == []
    names = [tag["name"] for tag in (await owner.get("/api/v1/tags")).json()["items"]]
    assert [name.casefold() for name in names] == ["a", "b", "c", "d"]


@pytest.mark.engines("sqlite", "postgresql")
async def test_tag_keeps_its_first_spelling(owner: Client) -> None:
    task = await owner.create_task(tags=["Urgent", "urgent"])
    assert task["tags"] == ["Urgent"]
    other = await owner.create_task(tags=["URGENT"], category="Home")
    assert other["tags"] == ["Urgent"]
    third = await owner.create_task(category="HOME")
    assert third["category"] == other["category"]
