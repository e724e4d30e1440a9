"""Undo over the API: conflicts, and the effect of ``force``.

``tests/integration/log/test_undo_scenarios.py`` checks that undo restores the tables exactly.
"""

from datetime import timedelta
from typing import Any

import httpx2
import pytest

from taskstead.config.settings import Settings
from taskstead.db.database import Database
from taskstead.ids import make_id
from tests.harness.client import Client
from tests.harness.clock import ManualClock
from tests.harness.settings import make_settings
from tests.integration.jobs.housekeeping import run_housekeeping_at

Data = dict[str, Any]


@pytest.fixture
def clock() -> ManualClock:
    """The application's clock stands still until the test moves it."""
    return ManualClock()


@pytest.fixture
def settings(database_url: str) -> Settings:
    # Without a worker, because a test runs the housekeeping job itself.
    return make_settings(database_url, run_worker=False)


async def get_last_change(client: Client) -> Data:
    """Return the newest change."""
    (change,) = (await client.get("/api/v1/activity?limit=1")).json()["items"]
    found: Data = change
    return found


async def undo(client: Client, batch: str | None = None, *, force: bool = False) -> httpx2.Response:
    """Undo a batch, by default the last one."""
    batch = batch or (await get_last_change(client))["batch"]
    return await client.post(f"/api/v1/batches/{batch}/undo{'?force=true' if force else ''}")


async def undo_successfully(
    client: Client, batch: str | None = None, *, force: bool = False
) -> Data:
    answer = await undo(client, batch, force=force)
    assert answer.status_code == 200, answer.text
    undone: Data = answer.json()
    return undone


async def check_undo_conflicts(client: Client, batch: str) -> list[tuple[str, str | None, str]]:
    """Send an undo that must be rejected, and check that nothing was written.

    Return kind, field and code of each conflict.
    """
    before = (await get_last_change(client))["revision"]
    answer = await undo(client, batch)
    assert (answer.status_code, answer.json()["code"]) == (409, "undo_conflict"), answer.text
    assert (await get_last_change(client))["revision"] == before
    return [(one["kind"], one["field"], one["code"]) for one in answer.json()["conflicts"]]


async def patch(client: Client, task: Data, **fields: Any) -> str:
    """Change a task. Return the batch."""
    answer = await client.patch(f"/api/v1/tasks/{task['id']}", fields)
    assert answer.status_code == 200, answer.text
    return str((await get_last_change(client))["batch"])


async def get(client: Client, task: Data) -> Data:
    found: Data = (await client.get(f"/api/v1/tasks/{task['id']}")).json()
    return found


async def test_change_is_undone_and_redone(owner: Client) -> None:
    task = await owner.create_task(title="Old", tags=["a"], due_date="2026-12-01")
    await patch(owner, task, title="New", status="done", tags=["b"], due_date=None, category="C")
    change = await get_last_change(owner)
    answer = await owner.post(f"/api/v1/changes/{change['revision']}/undo")
    assert answer.json() == {
        "batch": (await get_last_change(owner))["batch"],
        "changes": 1,
        "revision": change["revision"] + 1,
        "skipped": [],
    }
    volatile = ("revision", "updated_at")
    back = await get(owner, task)
    assert {**back, **{name: task[name] for name in volatile}} == task
    await undo_successfully(owner)
    again = await get(owner, task)
    assert (again["title"], again["status"], again["tags"]) == ("New", "done", ["b"])
    assert again["completed_at"] is not None
    # The search index follows.
    assert (await owner.get("/api/v1/tasks?q=New")).json()["items"]
    assert not (await owner.get("/api/v1/tasks?q=Old")).json()["items"]


async def test_undo_of_create_moves_task_to_trash(owner: Client) -> None:
    task = await owner.create_task(category="C", tags=["t"])
    await undo_successfully(owner)
    assert (await get(owner, task))["deleted_at"]
    for noun in ("tasks", "categories", "tags"):
        assert not (await owner.get(f"/api/v1/{noun}")).json()["items"]
    await undo_successfully(owner)
    back = await get(owner, task)
    assert (back["deleted_at"], back["category"]["name"], back["tags"]) == (None, "C", ["t"])


async def test_creations_are_undone_in_reverse_order(owner: Client) -> None:
    """A task in the trash does not use its category and tags. Restoring it brings both back."""
    tasks, batches = [], []
    for _ in range(3):
        tasks.append(await owner.create_task(category="C", tags=["t"]))
        batches.append((await get_last_change(owner))["batch"])
    undone = [(await undo_successfully(owner, batch))["batch"] for batch in reversed(batches)]
    assert [(await get(owner, task))["tags"] for task in tasks] == [[], [], []]
    for batch in reversed(undone):
        await undo_successfully(owner, batch)
    for task in tasks:
        back = await get(owner, task)
        assert (back["deleted_at"], back["category"]["name"], back["tags"]) == (None, "C", ["t"])


async def test_later_change_of_a_field_is_a_conflict(owner: Client) -> None:
    task = await owner.create_task(title="First")
    batch = await patch(owner, task, title="Second", priority=1)
    await patch(owner, task, title="Third")
    assert await check_undo_conflicts(owner, batch) == [("task", "title", "changed")]
    (conflict,) = (await undo(owner, batch)).json()["conflicts"]
    assert (conflict["expected"], conflict["present"]) == ("Second", "Third")
    assert conflict["forcible"] is True
    assert conflict["id"] == task["id"]
    undone = await undo_successfully(owner, batch, force=True)
    assert undone["skipped"] == []
    back = await get(owner, task)
    assert (back["title"], back["priority"]) == ("First", 3)
    # A second undo has nothing to do.
    again = await undo_successfully(owner, batch, force=True)
    assert (again["batch"], again["changes"], again["revision"]) == (None, 0, None)


async def test_forced_undo_of_status_clears_completed_at(owner: Client) -> None:
    task = await owner.create_task()
    batch = await patch(owner, task, status="in_progress")
    await patch(owner, task, status="done")
    assert await check_undo_conflicts(owner, batch) == [("task", "status", "changed")]
    await undo_successfully(owner, batch, force=True)
    back = await get(owner, task)
    assert (back["status"], back["completed_at"]) == ("todo", None)


async def test_dry_run_of_an_undo_writes_nothing(owner: Client) -> None:
    task = await owner.create_task(title="Old")
    batch = await patch(owner, task, title="New")
    path = f"/api/v1/batches/{batch}/undo?dry_run=true"
    answer = await owner.post(path)
    assert (answer.status_code, answer.json()) == (
        200,
        {"batch": None, "changes": 1, "revision": None, "skipped": []},
    )
    assert (await get(owner, task))["title"] == "New"


async def test_dry_run_of_an_undo_reports_conflicts(owner: Client) -> None:
    task = await owner.create_task(title="Old")
    batch = await patch(owner, task, title="New")
    await patch(owner, task, title="Newer")
    answer = await owner.post(f"/api/v1/batches/{batch}/undo?dry_run=true")
    assert (answer.status_code, answer.json()["code"]) == (409, "undo_conflict")


async def test_other_tags_do_not_cause_a_conflict(owner: Client) -> None:
    task = await owner.create_task(tags=["a"])
    batch = await patch(owner, task, tags=["b"])
    change = await get_last_change(owner)
    await patch(owner, task, tags=["b", "later"])
    await owner.post(f"/api/v1/changes/{change['revision']}/undo")
    assert (await get(owner, task))["tags"] == ["a", "later"]
    assert ("task", "tag_ids", "changed") in await check_undo_conflicts(owner, batch)


async def test_change_of_task_in_trash_is_undone(owner: Client) -> None:
    task = await owner.create_task(title="Old")
    batch = await patch(owner, task, title="New")
    await owner.delete(f"/api/v1/tasks/{task['id']}")
    await undo_successfully(owner, batch)
    assert (await get(owner, task))["title"] == "Old"


async def test_trashed_category_is_restored_only_by_force(owner: Client) -> None:
    task = await owner.create_task(category="Home")
    home = task["category"]["id"]
    batch = await patch(owner, task, category=None)
    await owner.delete(f"/api/v1/categories/{home}")
    assert await check_undo_conflicts(owner, batch) == [("task", "category_id", "category_trashed")]
    await undo_successfully(owner, batch, force=True)
    assert (await get(owner, task))["category"] == {"id": home, "name": "Home"}
    assert (await owner.get(f"/api/v1/categories/{home}")).status_code == 200


async def test_trashed_tag_is_restored_only_by_force(owner: Client) -> None:
    task = await owner.create_task(tags=["t"])
    (tag,) = (await owner.get("/api/v1/tags")).json()["items"]
    batch = await patch(owner, task, tags=[])
    await owner.delete(f"/api/v1/tags/{tag['id']}")
    assert await check_undo_conflicts(owner, batch) == [("task", "tag_ids", "tag_trashed")]
    await undo_successfully(owner, batch, force=True)
    assert (await get(owner, task))["tags"] == ["t"]


@pytest.mark.parametrize(("noun", "field"), [("categories", "category"), ("tags", "tags")])
async def test_forced_undo_uses_the_current_holder_of_a_taken_name(
    owner: Client, noun: str, field: str
) -> None:
    kind = "tag" if noun == "tags" else "category"
    value: Any = ["Name"] if noun == "tags" else "Name"
    task = await owner.create_task(**{field: value})
    (thing,) = (await owner.get(f"/api/v1/{noun}")).json()["items"]
    await owner.delete(f"/api/v1/{noun}/{thing['id']}")
    batch = (await get_last_change(owner))["batch"]
    await owner.create_task(**{field: value})
    assert (kind, "name", "name_taken") in await check_undo_conflicts(owner, batch)
    await undo_successfully(owner, batch, force=True)
    (holder,) = (await owner.get(f"/api/v1/{noun}")).json()["items"]
    assert holder["id"] != thing["id"]
    assert holder["task_count"] == 2
    assert (await get(owner, task))["deleted_at"] is None


@pytest.mark.parametrize("noun", ["categories", "tags"])
async def test_rename_is_not_undone_to_a_taken_name(owner: Client, noun: str) -> None:
    path = f"/api/v1/{noun}"
    thing = (await owner.post(path, {"name": "Old"})).json()
    await owner.patch(f"{path}/{thing['id']}", {"name": "New", "color": "#aabbcc"})
    batch = (await get_last_change(owner))["batch"]
    other = (await owner.post(path, {"name": "old"})).json()
    kind = "tag" if noun == "tags" else "category"
    assert await check_undo_conflicts(owner, batch) == [(kind, "name", "name_taken")]
    (skipped,) = (await undo_successfully(owner, batch, force=True))["skipped"]
    assert (skipped["present"], skipped["forcible"]) == (other["id"], False)
    (found,) = [
        item for item in (await owner.get(path)).json()["items"] if item["id"] == thing["id"]
    ]
    assert (found["name"], found["color"]) == ("New", None)


@pytest.mark.parametrize(("noun", "field"), [("categories", "category"), ("tags", "tags")])
async def test_label_used_by_other_tasks_is_a_conflict(
    owner: Client, noun: str, field: str
) -> None:
    value: Any = ["Name"] if noun == "tags" else "Name"
    task = await owner.create_task(**{field: value})
    batch = (await get_last_change(owner))["batch"]
    other = await owner.create_task(**{field: value})
    kind = "tag" if noun == "tags" else "category"
    assert await check_undo_conflicts(owner, batch) == [(kind, "tasks", "in_use")]
    undone = await undo_successfully(owner, batch, force=True)
    assert not (await get(owner, other))[field]
    assert (await get(owner, task))["deleted_at"]
    await undo_successfully(owner, undone["batch"])
    assert await get(owner, other) | {"revision": 0, "updated_at": 0} == (
        other | {"revision": 0, "updated_at": 0}
    )


async def test_later_sub_tasks_are_trashed_with_their_parent(owner: Client) -> None:
    root = await owner.create_task(title="Root")
    batch = (await get_last_change(owner))["batch"]
    leaf = await owner.create_task(title="Leaf", parent=root["id"])
    below = await owner.create_task(title="Below", parent=leaf["id"])
    assert await check_undo_conflicts(owner, batch) == [("task", "subtasks", "in_use")]
    await undo_successfully(owner, batch, force=True)
    assert all([(await get(owner, task))["deleted_at"] for task in (root, leaf, below)])
    await undo_successfully(owner)
    assert not any([(await get(owner, task))["deleted_at"] for task in (root, leaf, below)])


async def test_old_parent_below_its_task_is_a_conflict(owner: Client) -> None:
    parent = await owner.create_task(title="Parent")
    task = await owner.create_task(title="Child", parent=parent["id"])
    batch = await patch(owner, task, parent=None, priority=1)
    await patch(owner, parent, parent=task["id"])
    assert await check_undo_conflicts(owner, batch) == [("task", "parent_id", "cycle")]
    undone = await undo_successfully(owner, batch, force=True)
    assert [one["code"] for one in undone["skipped"]] == ["cycle"]
    back = await get(owner, task)
    assert (back["parent"], back["priority"]) == (None, 3)


async def test_trashed_or_purged_parent_is_a_conflict(owner: Client) -> None:
    parent = await owner.create_task(title="Parent")
    task = await owner.create_task(title="Child", parent=parent["id"])
    batch = await patch(owner, task, parent=None)
    await owner.delete(f"/api/v1/tasks/{parent['id']}")
    assert await check_undo_conflicts(owner, batch) == [("task", "parent_id", "parent_trashed")]
    await owner.delete(f"/api/v1/tasks/{parent['id']}?permanent=true")
    assert await check_undo_conflicts(owner, batch) == [("task", "parent_id", "parent_gone")]


async def test_undo_does_not_exceed_the_depth_limit(owner: Client) -> None:
    task = await owner.create_task(title="Was deep")
    parent = None
    for _ in range(7):
        parent = (await owner.create_task(title="Link", parent=parent))["id"]
    await patch(owner, task, parent=parent)
    batch = await patch(owner, task, parent=None)
    await owner.create_task(title="Below it", parent=task["id"])
    assert await check_undo_conflicts(owner, batch) == [("task", "parent_id", "depth")]


async def test_task_below_trashed_parent_is_not_restored(owner: Client) -> None:
    root = await owner.create_task(title="Root")
    leaf = await owner.create_task(title="Leaf", parent=root["id"])
    await owner.delete(f"/api/v1/tasks/{leaf['id']}")
    batch = (await get_last_change(owner))["batch"]
    await owner.delete(f"/api/v1/tasks/{root['id']}")
    assert await check_undo_conflicts(owner, batch) == [("task", "deleted_at", "parent_trashed")]
    (skipped,) = (await undo_successfully(owner, batch, force=True))["skipped"]
    assert skipped["present"] == root["id"]
    assert (await get(owner, leaf))["deleted_at"]


async def test_time_zone_without_due_date_is_a_conflict(owner: Client) -> None:
    task = await owner.create_task(due_date="2026-12-01", due_time_zone="Europe/Berlin")
    batch = await patch(owner, task, due_time_zone=None)
    await patch(owner, task, due_date=None)
    assert await check_undo_conflicts(owner, batch) == [
        ("task", "due_time_zone", "zone_without_date")
    ]


async def test_due_date_with_a_later_time_zone_is_a_conflict(owner: Client) -> None:
    task = await owner.create_task()
    batch = await patch(owner, task, due_date="2026-12-02")
    await patch(owner, task, due_time_zone="Europe/Paris")
    assert await check_undo_conflicts(owner, batch) == [
        ("task", "due_time_zone", "zone_without_date")
    ]
    assert (await undo_successfully(owner, batch, force=True))["skipped"] == []
    assert (await get(owner, task))["due_time_zone"] is None


class SharedWorkspace:
    """A workspace of the owner with one guest.

    Attributes:
        path: the path of the workspace.
        member: the path of the guest's membership.
        guest_id: the id of the guest.
        client: the owner in the workspace.
    """

    def __init__(self, owner: Client, workspace_id: str, guest_id: str) -> None:
        self.path = f"/api/v1/workspaces/{workspace_id}"
        self.member = f"{self.path}/members/{guest_id}"
        self.guest_id = guest_id
        self.client = owner.in_workspace(workspace_id)


@pytest.fixture
async def shared(client: Client, owner: Client) -> SharedWorkspace:
    await client.register("guest@example.com")
    workspace_id = (await owner.post("/api/v1/workspaces", {"name": "Shared"})).json()["id"]
    member = {"email": "guest@example.com", "role": "editor"}
    added = await owner.post(f"/api/v1/workspaces/{workspace_id}/members", member)
    return SharedWorkspace(owner, workspace_id, added.json()["user_id"])


async def test_changes_of_a_workspace_are_not_undoable(
    owner: Client, shared: SharedWorkspace
) -> None:
    await owner.patch(shared.path, {"name": "Renamed"})
    renamed = await get_last_change(shared.client)
    await owner.delete(shared.member)
    removed = await get_last_change(shared.client)
    for revision in (renamed["revision"], removed["revision"], 1):
        answer = await shared.client.post(f"/api/v1/changes/{revision}/undo?force=true")
        assert (answer.status_code, answer.json()["code"]) == (422, "not_undoable")
    assert (await undo(shared.client, removed["batch"], force=True)).status_code == 422


async def test_assignee_who_is_no_longer_a_member_is_a_conflict(
    owner: Client, shared: SharedWorkspace
) -> None:
    client = shared.client
    task = await client.create_task(assignee=shared.guest_id)
    batch = await patch(client, task, assignee=None)
    await owner.delete(shared.member)
    assert await check_undo_conflicts(client, batch) == [("task", "assignee_id", "not_a_member")]
    assert (await undo_successfully(client, batch, force=True))["skipped"]
    assert (await get(client, task))["assignee"] is None


async def test_purge_is_not_undoable(owner: Client) -> None:
    first = await owner.create_task()
    operations = [{"op": "update", "id": first["id"], "task": {"priority": 1}}]
    second = await owner.create_task()
    operations.append({"op": "update", "id": second["id"], "task": {"priority": 1}})
    await owner.post("/api/v1/tasks/bulk", {"operations": operations})
    batch = (await get_last_change(owner))["batch"]
    path = f"/api/v1/tasks/{second['id']}"
    await owner.delete(f"{path}?permanent=true")
    purge = await get_last_change(owner)
    assert (await undo(owner, purge["batch"], force=True)).json()["code"] == "not_undoable"
    assert await check_undo_conflicts(owner, batch) == [("task", None, "purged")]
    # The id may be used again. Changes of the purged task do not apply to the new one.
    await owner.put(path, {"title": "Another", "priority": 1})
    (skipped,) = (await undo_successfully(owner, batch, force=True))["skipped"]
    assert (skipped["code"], skipped["id"]) == ("purged", second["id"])
    assert [(await get(owner, task))["priority"] for task in (first, second)] == [3, 1]


async def test_purged_labels_are_not_restored(
    owner: Client, database: Database, clock: ManualClock
) -> None:
    task = await owner.create_task(category="Home", tags=["t"])
    batch = await patch(owner, task, category=None, tags=[], priority=1)
    for noun in ("categories", "tags"):
        (thing,) = (await owner.get(f"/api/v1/{noun}")).json()["items"]
        await owner.delete(f"/api/v1/{noun}/{thing['id']}")
    trashed = (await get_last_change(owner))["batch"]
    deleted = await run_housekeeping_at(database, clock.now + timedelta(days=2), trash_days=1)
    assert deleted == {"categories": 1, "tags": 1}
    assert (await undo(owner, trashed, force=True)).json()["code"] == "not_undoable"
    assert await check_undo_conflicts(owner, batch) == [
        ("task", "category_id", "category_gone"),
        ("task", "tag_ids", "tag_gone"),
    ]
    assert len((await undo_successfully(owner, batch, force=True))["skipped"]) == 2
    back = await get(owner, task)
    assert (back["category"], back["tags"], back["priority"]) == (None, [], 3)


async def test_field_with_the_same_value_before_and_after_is_kept(owner: Client) -> None:
    task = await owner.create_task(title="First")
    operations = [
        {"op": "update", "id": task["id"], "task": fields}
        for fields in ({"title": "Second", "priority": 1}, {"title": "First"})
    ]
    answer = await owner.post("/api/v1/tasks/bulk", {"operations": operations})
    batch = answer.headers["taskstead-batch"]
    await patch(owner, task, title="Third")
    await undo_successfully(owner, batch)
    back = await get(owner, task)
    assert (back["title"], back["priority"]) == ("Third", 3)


async def test_undo_gives_a_task_at_most_hundred_tags(owner: Client) -> None:
    task = await owner.create_task(tags=[f"t{number}" for number in range(100)])
    batch = await patch(owner, task, remove_tags=["t0"], priority=1)
    await patch(owner, task, add_tags=["new"])
    assert await check_undo_conflicts(owner, batch) == [("task", "tag_ids", "too_many_tags")]
    assert len((await undo_successfully(owner, batch, force=True))["skipped"]) == 1
    back = await get(owner, task)
    assert (len(back["tags"]), "t0" in back["tags"], back["priority"]) == (100, False, 3)


async def test_undo_of_unknown_batch_or_revision_is_rejected(owner: Client) -> None:
    assert (await undo(owner, make_id())).status_code == 404
    last = (await get_last_change(owner))["revision"]
    assert (await owner.post(f"/api/v1/changes/{last + 1}/undo")).status_code == 404
    for revision in ("0", "-1", "x", str(2**63)):
        assert (await owner.post(f"/api/v1/changes/{revision}/undo")).status_code == 422


async def test_undo_needs_constant_number_of_statements(owner: Client, database: Database) -> None:
    costs = []
    for count in (2, 300):
        made = [{"op": "create", "task": {"title": "x", "id": make_id()}} for _ in range(count)]
        await owner.post("/api/v1/tasks/bulk", {"operations": made})
        fields = {"status": "done", "category": f"C{count}", "tags": [f"t{count}"]}
        ids = [operation["task"]["id"] for operation in made if isinstance(operation["task"], dict)]
        operations = [{"op": "update", "id": id_, "task": fields} for id_ in ids]
        operations += [{"op": "trash", "id": id_} for id_ in ids]
        assert (await owner.post("/api/v1/tasks/bulk", {"operations": operations})).is_success
        batch = (await get_last_change(owner))["batch"]
        before = database.meter.statements
        undone = await undo_successfully(owner, batch)
        costs.append(database.meter.statements - before)
        assert undone["changes"] == count + 2
    assert costs[0] == costs[1] < 40
