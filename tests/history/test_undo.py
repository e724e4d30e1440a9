"""Undo over the API: what it refuses, and what force makes of it.

That tables are exactly what they were is shown in ``tests/law/test_undo_law.py``.
"""

from datetime import timedelta
from typing import Any

import httpx2
import pytest

from taskstead.clock import get_now
from taskstead.db.database import Database
from taskstead.ids import make_id
from taskstead.jobs.queue import claim_job
from taskstead.services.housekeeping import enqueue_housekeeping, run_housekeeping
from tests.client import Client

Data = dict[str, Any]


async def get_last(client: Client) -> Data:
    """Return the newest change."""
    (change,) = (await client.get("/api/v1/activity?limit=1")).json()["items"]
    found: Data = change
    return found


async def undo(client: Client, batch: str | None = None, *, force: bool = False) -> httpx2.Response:
    """Undo a batch, the last one by default."""
    batch = batch or (await get_last(client))["batch"]
    return await client.post(f"/api/v1/batches/{batch}/undo{'?force=true' if force else ''}")


async def undo_well(client: Client, batch: str | None = None, *, force: bool = False) -> Data:
    answer = await undo(client, batch, force=force)
    assert answer.status_code == 200, answer.text
    undone: Data = answer.json()
    return undone


async def refuse(client: Client, batch: str) -> list[tuple[str, str | None, str]]:
    """Have an undo refused; return kind, field and code of the conflicts. Nothing was done."""
    before = (await get_last(client))["revision"]
    answer = await undo(client, batch)
    assert (answer.status_code, answer.json()["code"]) == (409, "undo_conflict"), answer.text
    assert (await get_last(client))["revision"] == before
    return [(one["kind"], one["field"], one["code"]) for one in answer.json()["conflicts"]]


async def patch(client: Client, task: Data, **fields: Any) -> str:
    """Change a task; return the batch."""
    answer = await client.patch(f"/api/v1/tasks/{task['id']}", fields)
    assert answer.status_code == 200, answer.text
    return str((await get_last(client))["batch"])


async def get(client: Client, task: Data) -> Data:
    found: Data = (await client.get(f"/api/v1/tasks/{task['id']}")).json()
    return found


async def test_a_change_is_undone_and_redone(owner: Client) -> None:
    task = await owner.create_task(title="Old", tags=["a"], due_date="2026-12-01")
    await patch(owner, task, title="New", status="done", tags=["b"], due_date=None, category="C")
    change = await get_last(owner)
    answer = await owner.post(f"/api/v1/changes/{change['revision']}/undo")
    assert answer.json() == {
        "batch": (await get_last(owner))["batch"],
        "changes": 1,
        "revision": change["revision"] + 1,
        "skipped": [],
    }
    volatile = ("revision", "updated_at")
    back = await get(owner, task)
    assert {**back, **{name: task[name] for name in volatile}} == task
    await undo_well(owner)
    again = await get(owner, task)
    assert (again["title"], again["status"], again["tags"]) == ("New", "done", ["b"])
    assert again["completed_at"] is not None
    # What is found by its words follows.
    assert (await owner.get("/api/v1/tasks?q=New")).json()["items"]
    assert not (await owner.get("/api/v1/tasks?q=Old")).json()["items"]


async def test_what_was_created_goes_to_the_trash(owner: Client) -> None:
    task = await owner.create_task(category="C", tags=["t"])
    await undo_well(owner)
    assert (await get(owner, task))["deleted_at"]
    for noun in ("tasks", "categories", "tags"):
        assert not (await owner.get(f"/api/v1/{noun}")).json()["items"]
    await undo_well(owner)
    back = await get(owner, task)
    assert (back["deleted_at"], back["category"]["name"], back["tags"]) == (None, "C", ["t"])


async def test_creations_are_undone_one_after_another(owner: Client) -> None:
    """What lies in the trash does not use a tag or a category, and gets both back."""
    tasks, batches = [], []
    for _ in range(3):
        tasks.append(await owner.create_task(category="C", tags=["t"]))
        batches.append((await get_last(owner))["batch"])
    undone = [(await undo_well(owner, batch))["batch"] for batch in reversed(batches)]
    assert [(await get(owner, task))["tags"] for task in tasks] == [[], [], []]
    for batch in reversed(undone):
        await undo_well(owner, batch)
    for task in tasks:
        back = await get(owner, task)
        assert (back["deleted_at"], back["category"]["name"], back["tags"]) == (None, "C", ["t"])


async def test_what_has_changed_since_is_a_conflict(owner: Client) -> None:
    task = await owner.create_task(title="First")
    batch = await patch(owner, task, title="Second", priority=1)
    await patch(owner, task, title="Third")
    assert await refuse(owner, batch) == [("task", "title", "changed")]
    (conflict,) = (await undo(owner, batch)).json()["conflicts"]
    assert (conflict["expected"], conflict["present"]) == ("Second", "Third")
    assert conflict["forcible"] is True
    assert conflict["id"] == task["id"]
    undone = await undo_well(owner, batch, force=True)
    assert undone["skipped"] == []
    back = await get(owner, task)
    assert (back["title"], back["priority"]) == ("First", 3)
    # Nothing is left to be done a second time.
    again = await undo_well(owner, batch, force=True)
    assert (again["batch"], again["changes"], again["revision"]) == (None, 0, None)


async def test_a_status_put_back_by_force_agrees_with_its_completion(owner: Client) -> None:
    task = await owner.create_task()
    batch = await patch(owner, task, status="in_progress")
    await patch(owner, task, status="done")
    assert await refuse(owner, batch) == [("task", "status", "changed")]
    await undo_well(owner, batch, force=True)
    back = await get(owner, task)
    assert (back["status"], back["completed_at"]) == ("todo", None)


async def test_other_tags_do_not_matter(owner: Client) -> None:
    task = await owner.create_task(tags=["a"])
    batch = await patch(owner, task, tags=["b"])
    change = await get_last(owner)
    await patch(owner, task, tags=["b", "later"])
    await owner.post(f"/api/v1/changes/{change['revision']}/undo")
    assert (await get(owner, task))["tags"] == ["a", "later"]
    assert ("task", "tag_ids", "changed") in await refuse(owner, batch)


async def test_a_task_in_the_trash_can_be_put_right(owner: Client) -> None:
    task = await owner.create_task(title="Old")
    batch = await patch(owner, task, title="New")
    await owner.delete(f"/api/v1/tasks/{task['id']}")
    await undo_well(owner, batch)
    assert (await get(owner, task))["title"] == "Old"


async def test_a_category_in_the_trash_comes_back_by_force_only(owner: Client) -> None:
    task = await owner.create_task(category="Home")
    home = task["category"]["id"]
    batch = await patch(owner, task, category=None)
    await owner.delete(f"/api/v1/categories/{home}")
    assert await refuse(owner, batch) == [("task", "category_id", "category_trashed")]
    await undo_well(owner, batch, force=True)
    assert (await get(owner, task))["category"] == {"id": home, "name": "Home"}
    assert (await owner.get(f"/api/v1/categories/{home}")).status_code == 200


async def test_a_tag_in_the_trash_comes_back_by_force_only(owner: Client) -> None:
    task = await owner.create_task(tags=["t"])
    (tag,) = (await owner.get("/api/v1/tags")).json()["items"]
    batch = await patch(owner, task, tags=[])
    await owner.delete(f"/api/v1/tags/{tag['id']}")
    assert await refuse(owner, batch) == [("task", "tag_ids", "tag_trashed")]
    await undo_well(owner, batch, force=True)
    assert (await get(owner, task))["tags"] == ["t"]


@pytest.mark.parametrize(("noun", "field"), [("categories", "category"), ("tags", "tags")])
async def test_a_name_that_is_taken_goes_to_its_holder(
    owner: Client, noun: str, field: str
) -> None:
    kind = "tag" if noun == "tags" else "category"
    value: Any = ["Name"] if noun == "tags" else "Name"
    task = await owner.create_task(**{field: value})
    (thing,) = (await owner.get(f"/api/v1/{noun}")).json()["items"]
    await owner.delete(f"/api/v1/{noun}/{thing['id']}")
    batch = (await get_last(owner))["batch"]
    await owner.create_task(**{field: value})
    assert (kind, "name", "name_taken") in await refuse(owner, batch)
    await undo_well(owner, batch, force=True)
    (holder,) = (await owner.get(f"/api/v1/{noun}")).json()["items"]
    assert holder["id"] != thing["id"]
    assert holder["task_count"] == 2
    assert (await get(owner, task))["deleted_at"] is None


@pytest.mark.parametrize("noun", ["categories", "tags"])
async def test_a_rename_is_not_undone_into_a_name_that_is_taken(owner: Client, noun: str) -> None:
    path = f"/api/v1/{noun}"
    thing = (await owner.post(path, {"name": "Old"})).json()
    await owner.patch(f"{path}/{thing['id']}", {"name": "New", "colour": "#aabbcc"})
    batch = (await get_last(owner))["batch"]
    other = (await owner.post(path, {"name": "old"})).json()
    kind = "tag" if noun == "tags" else "category"
    assert await refuse(owner, batch) == [(kind, "name", "name_taken")]
    (skipped,) = (await undo_well(owner, batch, force=True))["skipped"]
    assert (skipped["present"], skipped["forcible"]) == (other["id"], False)
    (found,) = [
        item for item in (await owner.get(path)).json()["items"] if item["id"] == thing["id"]
    ]
    assert (found["name"], found["colour"]) == ("New", None)


@pytest.mark.parametrize(("noun", "field"), [("categories", "category"), ("tags", "tags")])
async def test_what_others_use_is_not_taken_from_them(owner: Client, noun: str, field: str) -> None:
    value: Any = ["Name"] if noun == "tags" else "Name"
    task = await owner.create_task(**{field: value})
    batch = (await get_last(owner))["batch"]
    other = await owner.create_task(**{field: value})
    kind = "tag" if noun == "tags" else "category"
    assert await refuse(owner, batch) == [(kind, "tasks", "in_use")]
    undone = await undo_well(owner, batch, force=True)
    assert not (await get(owner, other))[field]
    assert (await get(owner, task))["deleted_at"]
    await undo_well(owner, undone["batch"])
    assert await get(owner, other) | {"revision": 0, "updated_at": 0} == (
        other | {"revision": 0, "updated_at": 0}
    )


async def test_sub_tasks_that_came_later_hang_on_their_parent(owner: Client) -> None:
    root = await owner.create_task(title="Root")
    batch = (await get_last(owner))["batch"]
    leaf = await owner.create_task(title="Leaf", parent=root["id"])
    below = await owner.create_task(title="Below", parent=leaf["id"])
    assert await refuse(owner, batch) == [("task", "subtasks", "in_use")]
    await undo_well(owner, batch, force=True)
    assert all([(await get(owner, task))["deleted_at"] for task in (root, leaf, below)])
    await undo_well(owner)
    assert not any([(await get(owner, task))["deleted_at"] for task in (root, leaf, below)])


async def test_a_parent_that_cannot_be_one_any_more(owner: Client) -> None:
    parent = await owner.create_task(title="Parent")
    task = await owner.create_task(title="Child", parent=parent["id"])
    batch = await patch(owner, task, parent=None, priority=1)
    await patch(owner, parent, parent=task["id"])
    assert await refuse(owner, batch) == [("task", "parent_id", "cycle")]
    undone = await undo_well(owner, batch, force=True)
    assert [one["code"] for one in undone["skipped"]] == ["cycle"]
    back = await get(owner, task)
    assert (back["parent"], back["priority"]) == (None, 3)
    await patch(owner, parent, parent=None)
    batch = await patch(owner, task, parent=parent["id"])
    batch = await patch(owner, task, parent=None)
    await owner.delete(f"/api/v1/tasks/{parent['id']}")
    assert await refuse(owner, batch) == [("task", "parent_id", "parent_trashed")]
    await owner.delete(f"/api/v1/tasks/{parent['id']}?permanent=true")
    assert await refuse(owner, batch) == [("task", "parent_id", "parent_gone")]


async def test_a_tree_does_not_become_too_deep(owner: Client) -> None:
    task = await owner.create_task(title="Was deep")
    parent = None
    for _ in range(7):
        parent = (await owner.create_task(title="Link", parent=parent))["id"]
    await patch(owner, task, parent=parent)
    batch = await patch(owner, task, parent=None)
    await owner.create_task(title="Below it", parent=task["id"])
    assert await refuse(owner, batch) == [("task", "parent_id", "depth")]


async def test_what_lies_below_the_trash_stays_there(owner: Client) -> None:
    root = await owner.create_task(title="Root")
    leaf = await owner.create_task(title="Leaf", parent=root["id"])
    await owner.delete(f"/api/v1/tasks/{leaf['id']}")
    batch = (await get_last(owner))["batch"]
    await owner.delete(f"/api/v1/tasks/{root['id']}")
    assert await refuse(owner, batch) == [("task", "deleted_at", "parent_trashed")]
    (skipped,) = (await undo_well(owner, batch, force=True))["skipped"]
    assert skipped["present"] == root["id"]
    assert (await get(owner, leaf))["deleted_at"]


async def test_a_time_zone_needs_its_date(owner: Client) -> None:
    task = await owner.create_task(due_date="2026-12-01", due_time_zone="Europe/Berlin")
    batch = await patch(owner, task, due_time_zone=None)
    await patch(owner, task, due_date=None)
    assert await refuse(owner, batch) == [("task", "due_time_zone", "zone_without_date")]
    batch = await patch(owner, task, due_date="2026-12-02")
    await patch(owner, task, due_time_zone="Europe/Paris")
    assert await refuse(owner, batch) == [("task", "due_time_zone", "zone_without_date")]
    assert (await undo_well(owner, batch, force=True))["skipped"] == []
    assert (await get(owner, task))["due_time_zone"] is None


async def test_members_and_the_workspace_are_left_to_their_owners(
    client: Client, owner: Client
) -> None:
    guest_id = (await (await client.register("guest@example.com")).get("/auth/me")).json()["id"]
    workspace = (await owner.post("/api/v1/workspaces", {"name": "Shared"})).json()["id"]
    path = f"/api/v1/workspaces/{workspace}"
    shared = owner.in_workspace(workspace)
    await owner.patch(path, {"name": "Renamed"})
    renamed = await get_last(shared)
    await owner.post(f"{path}/members", {"email": "guest@example.com", "role": "editor"})
    task = await shared.create_task(assignee=guest_id)
    batch = await patch(shared, task, assignee=None)
    await owner.delete(f"{path}/members/{guest_id}")
    removed = await get_last(shared)
    for revision in (renamed["revision"], removed["revision"], 1):
        answer = await shared.post(f"/api/v1/changes/{revision}/undo?force=true")
        assert (answer.status_code, answer.json()["code"]) == (422, "not_undoable")
    assert (await undo(shared, removed["batch"], force=True)).status_code == 422
    assert await refuse(shared, batch) == [("task", "assignee_id", "not_a_member")]
    assert (await undo_well(shared, batch, force=True))["skipped"]
    assert (await get(shared, task))["assignee"] is None


async def test_what_was_purged_stays_so(owner: Client) -> None:
    first = await owner.create_task()
    operations = [{"op": "update", "id": first["id"], "task": {"priority": 1}}]
    second = await owner.create_task()
    operations.append({"op": "update", "id": second["id"], "task": {"priority": 1}})
    await owner.post("/api/v1/tasks/bulk", {"operations": operations})
    batch = (await get_last(owner))["batch"]
    path = f"/api/v1/tasks/{second['id']}"
    await owner.delete(f"{path}?permanent=true")
    purge = await get_last(owner)
    assert (await undo(owner, purge["batch"], force=True)).json()["code"] == "not_undoable"
    assert await refuse(owner, batch) == [("task", None, "purged")]
    # An id may be used again; what was done to the one before is nothing to the new one.
    await owner.put(path, {"title": "Another", "priority": 1})
    (skipped,) = (await undo_well(owner, batch, force=True))["skipped"]
    assert (skipped["code"], skipped["id"]) == ("purged", second["id"])
    assert [(await get(owner, task))["priority"] for task in (first, second)] == [3, 1]


async def test_names_that_were_purged_stay_so(owner: Client, database: Database) -> None:
    task = await owner.create_task(category="Home", tags=["t"])
    batch = await patch(owner, task, category=None, tags=[], priority=1)
    for noun in ("categories", "tags"):
        (thing,) = (await owner.get(f"/api/v1/{noun}")).json()["items"]
        await owner.delete(f"/api/v1/{noun}/{thing['id']}")
    trashed = (await get_last(owner))["batch"]
    await enqueue_housekeeping(database, trash_days=1, now=get_now() + timedelta(days=2))
    job = await claim_job(database, worker="test", lease_seconds=30)
    assert job is not None
    while not await run_housekeeping(database, job):
        pass
    assert (await undo(owner, trashed, force=True)).json()["code"] == "not_undoable"
    assert await refuse(owner, batch) == [
        ("task", "category_id", "category_gone"),
        ("task", "tag_ids", "tag_gone"),
    ]
    assert len((await undo_well(owner, batch, force=True))["skipped"]) == 2
    back = await get(owner, task)
    assert (back["category"], back["tags"], back["priority"]) == (None, [], 3)


async def test_what_is_not_there_cannot_be_undone(owner: Client) -> None:
    assert (await undo(owner, make_id())).status_code == 404
    last = (await get_last(owner))["revision"]
    assert (await owner.post(f"/api/v1/changes/{last + 1}/undo")).status_code == 404
    for revision in ("0", "-1", "x", str(2**63)):
        assert (await owner.post(f"/api/v1/changes/{revision}/undo")).status_code == 422


async def test_a_thousand_changes_cost_a_handful_of_statements(
    owner: Client, database: Database
) -> None:
    costs = []
    for count in (2, 300):
        made = [{"op": "create", "task": {"title": "x", "id": make_id()}} for _ in range(count)]
        await owner.post("/api/v1/tasks/bulk", {"operations": made})
        fields = {"status": "done", "category": f"C{count}", "tags": [f"t{count}"]}
        ids = [operation["task"]["id"] for operation in made if isinstance(operation["task"], dict)]
        operations = [{"op": "update", "id": id_, "task": fields} for id_ in ids]
        operations += [{"op": "trash", "id": id_} for id_ in ids]
        assert (await owner.post("/api/v1/tasks/bulk", {"operations": operations})).is_success
        batch = (await get_last(owner))["batch"]
        before = database.statement_count
        undone = await undo_well(owner, batch)
        costs.append(database.statement_count - before)
        assert undone["changes"] == count + 2
    assert costs[0] == costs[1] < 40
