"""History of a task, and activity of a workspace: changes, filters, names and credentials."""

import sqlite3
from typing import Any

import pytest

from taskstead.db.database import Database
from taskstead.db.factory import get_sqlite_path
from taskstead.db.sql.statements import SQLITE, compile_statement
from taskstead.ids import make_id
from taskstead.queries.history.activity import build_history_list
from taskstead.queries.history.compaction import FIND_WORKSPACE, GET_END_OF_BATCH
from taskstead.queries.history.undo import LIST_BATCH
from tests.harness.client import Client
from tests.harness.clock import ManualClock


async def list_activity(client: Client, query: str = "") -> list[dict[str, Any]]:
    answer = await client.get(f"/api/v1/activity{query}")
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def list_history(client: Client, task: Any) -> list[dict[str, Any]]:
    answer = await client.get(f"/api/v1/tasks/{task}/history")
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def find_field(change: dict[str, Any], name: str) -> dict[str, Any]:
    return next(field for field in change["fields"] if field["field"] == name)


@pytest.fixture
def clock() -> ManualClock:
    """Stands still, so that no day begins during a test."""
    return ManualClock()


async def test_history_shows_user_credential_and_fields(owner: Client) -> None:
    me = (await owner.get("/auth/me")).json()
    task = await owner.create_task(title="Old", category="Home", tags=["a"])
    home = task["category"]["id"]
    await owner.patch(
        f"/api/v1/tasks/{task['id']}",
        {"title": "New", "category": "Work", "tags": ["b"], "assignee": me["id"]},
    )
    updated, created = await list_history(owner, task["number"])
    assert (created["action"], updated["action"]) == ("created", "updated")
    assert (updated["kind"], updated["id"]) == ("task", task["id"])
    assert updated["revision"] > created["revision"]
    assert (updated["name"], updated["number"]) == ("New", task["number"])
    assert updated["user"] == {"id": me["id"], "name": me["name"]}
    assert updated["credential"]["kind"] == "session"
    title = find_field(updated, "title")
    assert title == {
        "field": "title",
        "old": "Old",
        "new": "New",
        "old_name": None,
        "new_name": None,
    }
    category = find_field(updated, "category_id")
    assert (category["old"], category["old_name"], category["new_name"]) == (home, "Home", "Work")
    tags = find_field(updated, "tag_ids")
    assert (tags["old_name"], tags["new_name"]) == (["a"], ["b"])
    assert find_field(updated, "assignee_id")["new_name"] == me["name"]
    assert find_field(created, "tag_ids")["old_name"] is None


async def test_history_shows_current_names(owner: Client) -> None:
    task = await owner.create_task(category="Home")
    home = task["category"]["id"]
    await owner.patch(f"/api/v1/categories/{home}", {"name": "House"})
    (created,) = await list_history(owner, task["id"])
    assert find_field(created, "category_id")["new_name"] == "House"
    await owner.delete(f"/api/v1/categories/{home}")
    assert find_field((await list_history(owner, task["id"]))[-1], "category_id")["new_name"]


async def test_history_names_the_api_token_until_its_deletion(owner: Client) -> None:
    made = {"name": "script", "scopes": ["tasks:write"]}
    token = (await owner.post("/api/v1/tokens", made)).json()
    task = await owner.with_token(token["token"]).create_task()
    (created,) = await list_history(owner, task["id"])
    assert created["credential"] == {"id": token["id"], "kind": "api_token", "name": "script"}
    await owner.delete(f"/api/v1/tokens/{token['id']}")
    (created,) = await list_history(owner, task["id"])
    assert created["credential"] == {"id": token["id"], "kind": "ended", "name": None}


async def test_account_creation_has_no_credential(owner: Client) -> None:
    assert (await list_activity(owner))[-1]["credential"] is None


async def test_history_remains_after_trash_and_purge(owner: Client) -> None:
    task = await owner.create_task(title="secret")
    await owner.delete(f"/api/v1/tasks/{task['id']}")
    assert [change["action"] for change in await list_history(owner, task["id"])] == [
        "trashed",
        "created",
    ]
    await owner.delete(f"/api/v1/tasks/{task['id']}?permanent=true")
    history = await list_history(owner, task["id"])
    assert [change["action"] for change in history] == ["purged", "trashed", "created"]
    assert "secret" not in str(history)
    assert (await owner.get(f"/api/v1/tasks/{task['number']}/history")).status_code == 404
    assert (await owner.get(f"/api/v1/tasks/{make_id()}/history")).status_code == 404


@pytest.fixture
async def shared(client: Client, owner: Client) -> tuple[Client, Client, str]:
    """Two members acting in one workspace, and the id of the second member."""
    guest = await client.register("guest@example.com", name="Guest")
    workspace = (await owner.post("/api/v1/workspaces", {"name": "Shared"})).json()["id"]
    member = {"email": "guest@example.com", "role": "editor"}
    added = (await owner.post(f"/api/v1/workspaces/{workspace}/members", member)).json()
    return owner.in_workspace(workspace), guest.in_workspace(workspace), added["user_id"]


async def test_activity_contains_every_change_newest_first(
    shared: tuple[Client, Client, str],
) -> None:
    owner, _, guest_id = shared
    await owner.create_task(category="Home", tags=["a"])
    everything = await list_activity(owner)
    revisions = [change["revision"] for change in everything]
    assert revisions == list(range(len(revisions), 0, -1))
    kinds = ("workspace", "member", "category", "tag", "task")
    assert {change["kind"] for change in everything} == set(kinds)
    added = next(change for change in everything if change["id"] == guest_id)
    assert (added["kind"], added["name"]) == ("member", "Guest")


async def test_activity_is_filtered_by_user(shared: tuple[Client, Client, str]) -> None:
    owner, guest, guest_id = shared
    await owner.create_task()
    task = await guest.create_task()
    by_guest = await list_activity(owner, f"?user={guest_id}")
    assert [change["id"] for change in by_guest] == [task["id"]]
    assert await list_activity(guest, "?user=me") == by_guest


async def test_activity_is_filtered_by_kind(owner: Client) -> None:
    await owner.create_task(category="Home", tags=["a"])
    found = await list_activity(owner, "?kind=tag&kind=category")
    assert [change["kind"] for change in found] == ["tag", "category"]


async def test_activity_is_filtered_by_entity_or_batch(owner: Client) -> None:
    task = await owner.create_task(category="Home", tags=["a"])
    await owner.create_task()
    (created,) = await list_activity(owner, f"?entity={task['id']}")
    batch = await list_activity(owner, f"?batch={created['batch']}")
    assert [change["kind"] for change in batch] == ["task", "tag", "category"]


async def test_activity_is_filtered_by_time(owner: Client, clock: ManualClock) -> None:
    first = await owner.create_task()
    clock.advance(1)
    second = await owner.create_task()
    times = {change["id"]: change["at"] for change in await list_activity(owner, "?kind=task")}
    since = await list_activity(owner, f"?since={times[second['id']]}")
    assert [change["id"] for change in since] == [second["id"]]
    until = await list_activity(owner, f"?kind=task&until={times[first['id']]}")
    assert [change["id"] for change in until] == [first["id"]]
    assert len(await list_activity(owner, "?since=today&until=today&kind=task")) == 2
    assert not await list_activity(owner, "?until=yesterday")


async def test_activity_is_paginated(owner: Client) -> None:
    task = await owner.create_task()
    for priority in (1, 2, 4, 5):
        await owner.patch(f"/api/v1/tasks/{task['id']}", {"priority": priority})
    for path in (f"/api/v1/tasks/{task['id']}/history?", "/api/v1/activity?kind=task&"):
        seen: list[int] = []
        cursor: Any = ""
        while cursor is not None:
            answer = (await owner.get(f"{path}limit=2{cursor and f'&cursor={cursor}'}")).json()
            seen += [change["revision"] for change in answer["items"]]
            cursor = answer["next_cursor"]
        assert seen == sorted(seen, reverse=True)
        assert len(seen) == 5
    page = (await owner.get("/api/v1/activity?limit=1")).json()
    for query in (f"?kind=task&cursor={page['next_cursor']}", "?user=nobody", "?since=1", "?x=1"):
        assert (await owner.get(f"/api/v1/activity{query}")).status_code == 422


async def test_page_needs_constant_number_of_statements(owner: Client, database: Database) -> None:
    for number in range(6):
        await owner.create_task(category=f"C{number}", tags=[f"t{number}", "x"])
    costs = []
    for limit in (1, 30):
        before = database.meter.statements
        assert len(await list_activity(owner, f"?limit={limit}")) == {1: 1, 30: 21}[limit]
        costs.append(database.meter.statements - before)
    assert costs[0] == costs[1]


async def test_rare_changes_are_found_by_index(database: Database, database_url: str) -> None:
    """On SQLite, whose planner prefers to scan the log backwards to save the sort."""
    if database.dialect != "sqlite":
        return
    file = sqlite3.connect(get_sqlite_path(database_url))
    for statement, index in (
        (build_history_list(frozenset({"kind", "entity"})).statement, "ix_changes_entity"),
        (build_history_list(frozenset({"batch"})).statement, "ix_changes_batch"),
        (LIST_BATCH.statement, "ix_changes_batch"),
        (GET_END_OF_BATCH.statement, "ix_changes_batch"),
        (FIND_WORKSPACE.statement, "(workspace_id=? AND revision=?)"),
    ):
        compiled = compile_statement(statement, SQLITE)
        values = [None] * len(compiled.names)
        rows = file.execute(f"EXPLAIN QUERY PLAN {compiled.sql}", values).fetchall()
        assert index in str(rows), f"{compiled.sql}: {rows}"
    file.close()
