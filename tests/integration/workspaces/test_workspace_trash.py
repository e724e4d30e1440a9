"""Deletion of workspaces: trash, restore by an owner, and purge after the retention time."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from taskstead.config.settings import Settings
from taskstead.db.database import Database
from taskstead.queries.system.checks import count_search_gaps, list_log_gaps
from taskstead.services.workspaces.trash import abandon_workspace, purge_part_of_workspace
from taskstead.tables.metadata import metadata
from tests.harness.client import Client
from tests.harness.clock import ManualClock
from tests.harness.problems import check_problem
from tests.harness.settings import make_settings
from tests.harness.untyped import untyped
from tests.integration.jobs.housekeeping import run_housekeeping_at
from tests.integration.workspaces.team import PATH, Team

TRASH = f"{PATH}?deleted=true"


@pytest.fixture
def clock() -> ManualClock:
    """The application's clock stands still until the test moves it."""
    return ManualClock()


@pytest.fixture
def settings(database_url: str) -> Settings:
    return make_settings(database_url, run_worker=False)


async def list_ids(client: Client, path: str = PATH) -> set[str]:
    items = (await client.get(path)).json()["items"]
    return {item["id"] for item in items}


async def trash(team: Team) -> None:
    answer = await team.users["owner"].delete(team.path, params={"name": "Team"})
    assert answer.status_code == 204, answer.text


async def count_rows(database: Database, workspace_id: str) -> dict[str, int]:
    """Count the rows of all tables that belong to a workspace."""
    found = {}
    for table in metadata.sorted_tables:
        name = "id" if table.name == "workspaces" else "workspace_id"
        if name in table.c:
            statement = select(func.count().label("rows")).where(table.c[name] == workspace_id)
            row = await database.fetch_one(untyped(statement), {})
            if row and row["rows"]:
                found[table.name] = row["rows"]
    return found


async def test_deleted_workspace_is_hidden_from_all_members(team: Team) -> None:
    task = await team.get_client("editor").create_task(title="Shared", assignee=team.ids["viewer"])
    made = await team.users["owner"].post(
        "/api/v1/tokens",
        {"name": "x", "scopes": ["tasks:read"], "workspace_id": team.id},
    )
    bound = team.users["owner"].with_token(made.json()["token"])
    assert (await bound.get("/api/v1/tasks")).status_code == 200
    await trash(team)
    for name in ("owner", "editor", "viewer"):
        user, inside = team.users[name], team.get_client(name)
        for answer in (
            await inside.get("/api/v1/tasks"),
            await inside.get(f"/api/v1/tasks/{task['id']}"),
            await inside.post("/api/v1/tasks", {"title": "x"}),
            await inside.get("/api/v1/changes"),
            await user.get(team.path),
            await user.patch(team.path, {"name": "x"}),
            await user.get(team.members),
            await user.delete(f"{team.members}/{team.ids['viewer']}"),
        ):
            check_problem(answer, 404, "not_found")
        assert team.id not in await list_ids(user)
    check_problem(await bound.get("/api/v1/tasks"), 404, "not_found")


async def test_undo_is_rejected_in_a_deleted_workspace(team: Team) -> None:
    owner, inside = team.users["owner"], team.get_client("owner")
    task = f"/api/v1/tasks/{(await inside.create_task(title='Old'))['id']}"
    await inside.patch(task, {"title": "New"})
    (change,) = (await inside.get("/api/v1/activity?limit=1")).json()["items"]
    batch = f"/api/v1/batches/{change['batch']}/undo"
    await trash(team)
    for path in (batch, f"/api/v1/changes/{change['revision']}/undo"):
        check_problem(await inside.post(f"{path}?force=true"), 404, "not_found")
    assert (await owner.post(f"{team.path}/restore")).status_code == 200
    assert (await inside.get(task)).json()["title"] == "New"
    assert (await inside.post(batch)).status_code == 200
    assert (await inside.get(task)).json()["title"] == "Old"


async def test_owner_restores_the_workspace_unchanged(team: Team) -> None:
    inside = team.get_client("editor")
    task = await inside.create_task(title="Shared", tags=["a"])
    before = (await inside.get("/api/v1/tasks")).json()
    owner = team.users["owner"]
    await trash(team)
    (trashed,) = (await owner.get(TRASH)).json()["items"]
    assert (trashed["id"], trashed["name"], trashed["role"]) == (team.id, "Team", "owner")
    assert trashed["deleted_at"] is not None
    for name in ("editor", "viewer", "stranger"):
        assert await list_ids(team.users[name], TRASH) == set(), (
            "only its owners see it in the trash"
        )
        answer = await team.users[name].post(f"{team.path}/restore")
        check_problem(answer, 404, "not_found")
    restored = await owner.post(f"{team.path}/restore")
    assert restored.status_code == 200, restored.text
    assert restored.json()["deleted_at"] is None
    assert await list_ids(owner, TRASH) == set()
    assert (await inside.get("/api/v1/tasks")).json() == before
    await inside.patch(f"/api/v1/tasks/{task['id']}", {"title": "Goes on"})
    changes = (await inside.get("/api/v1/activity")).json()["items"]
    assert [(change["kind"], change["action"]) for change in changes[:3]] == [
        *(("task", "updated"), ("workspace", "restored"), ("workspace", "trashed"))
    ]


async def test_deletion_requires_the_name(team: Team) -> None:
    owner = team.users["owner"]
    check_problem(await owner.delete(team.path), 422, "validation_failed", "query/name")
    for name in ("team", "Another", " "):
        answer = await owner.delete(team.path, params={"name": name})
        check_problem(answer, 422, "validation_failed", "query/name")
    assert (await owner.get(team.path)).status_code == 200


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("editor", 403, "insufficient_role"),
        ("viewer", 403, "insufficient_role"),
        ("stranger", 404, "not_found"),
    ],
)
async def test_deletion_requires_an_owner(team: Team, name: str, status: int, code: str) -> None:
    answer = await team.users[name].delete(team.path, params={"name": "Team"})
    check_problem(answer, status, code)
    assert (await team.users["owner"].get(team.path)).status_code == 200


async def test_deletion_respects_if_match(team: Team) -> None:
    owner = team.users["owner"]
    stale = {"If-Match": '"1"'}
    answer = await owner.delete(team.path, params={"name": "Team"}, headers=stale)
    check_problem(answer, 412, "revision_mismatch")
    assert (await owner.get(team.path)).status_code == 200


async def test_personal_workspace_cannot_be_deleted(owner: Client) -> None:
    me = (await owner.get("/auth/me")).json()
    personal = f"{PATH}/{me['personal_workspace_id']}"
    answer = await owner.delete(personal, params={"name": "Personal"})
    check_problem(answer, 409, "conflict")


async def test_deletion_and_restore_are_idempotent(team: Team) -> None:
    owner = team.users["owner"]
    restored = await owner.post(f"{team.path}/restore")
    assert restored.json() == (await owner.get(team.path)).json(), "nothing to restore"
    await trash(team)
    await trash(team)
    assert [(await owner.post(f"{team.path}/restore")).status_code for _ in range(2)] == [200, 200]


async def test_restore_requires_an_owner(team: Team) -> None:
    answer = await team.users["editor"].post(f"{team.path}/restore")
    check_problem(answer, 403, "insufficient_role")


async def test_workspace_is_purged_after_the_retention_time(
    team: Team, owner_of_another: Client, database: Database, clock: ManualClock
) -> None:
    inside = team.get_client("owner")
    root = await inside.create_task(title="Root", tags=["a", "b"], category="C")
    below = await inside.create_task(title="Below", parent=root["id"])
    await inside.create_task(title="Deep", parent=below["id"])
    trashed = await inside.create_task(title="In the trash")
    await inside.delete(f"/api/v1/tasks/{trashed['id']}")
    body = {"filter": {"tag": ["a"]}, "action": "complete"}
    assert (await inside.post("/api/v1/tasks/bulk-process", body)).status_code == 202
    token = {"name": "x", "scopes": ["tasks:read"], "workspace_id": team.id}
    await team.users["owner"].post("/api/v1/tokens", token)
    async with database.transaction() as transaction:
        await transaction.execute(metadata.tables["jobs"].update().values(state="done"), {})
    kept = await owner_of_another.create_task(title="Of another workspace")
    await trash(team)
    for days, trash_days in ((29, 30), (400, 0)):
        now = clock.now + timedelta(days=days)
        assert "workspaces" not in await run_housekeeping_at(database, now, trash_days=trash_days)
    assert (await team.users["owner"].post(f"{team.path}/restore")).status_code == 200
    await trash(team)
    now = clock.now + timedelta(days=31)
    deleted = await run_housekeeping_at(database, now, trash_days=30)
    assert (deleted["tasks"], deleted["workspaces"]) == (4, 1)
    assert await count_rows(database, team.id) == {}
    assert await list_log_gaps(database, limit=9) == []
    assert await count_search_gaps(database, database.dialect) == (0, 0)
    check_problem(await team.users["owner"].post(f"{team.path}/restore"), 404, "not_found")
    assert await list_ids(team.users["owner"], TRASH) == set()
    assert (await owner_of_another.get(f"/api/v1/tasks/{kept['id']}")).status_code == 200


@pytest.fixture
async def owner_of_another(client: Client) -> Client:
    return await client.register("another@example.com")


async def test_workspace_is_deleted_during_writes(team: Team, database: Database) -> None:
    """Each write commits before the deletion, or comes after it and gets 404."""
    editor, owner = team.get_client("editor"), team.users["owner"]

    async def write(number: int) -> int:
        return (await editor.post("/api/v1/tasks", {"title": f"Task {number}"})).status_code

    async def delete() -> int:
        return (await owner.delete(team.path, params={"name": "Team"})).status_code

    *statuses, deleted = await asyncio.gather(*map(write, range(20)), delete())
    assert deleted == 204
    assert set(statuses) <= {201, 404}
    assert (await owner.post(f"{team.path}/restore")).status_code == 200
    tasks = (await editor.get("/api/v1/tasks?limit=100")).json()["items"]
    assert len(tasks) == statuses.count(201)
    assert await list_log_gaps(database, limit=9) == []


async def test_workspace_is_purged_in_small_chunks(
    team: Team, database: Database, clock: ManualClock
) -> None:
    """Parents have greater ids than their sub-tasks here, so no chunk contains a whole tree."""
    inside = team.get_client("owner")
    ids = [f"01a20000-0000-7000-8000-{number:012d}" for number in range(12)]
    for level in range(4):
        for tree in range(3):
            number = 3 * (3 - level) + tree
            parent = ids[number + 3] if level else None
            await inside.create_task(id=ids[number], parent=parent)
    await trash(team)
    async with database.transaction() as transaction:
        await abandon_workspace(transaction, team.id, until=clock.now + timedelta(days=1))
    cursor: dict[str, Any] = {}
    deleted: list[tuple[str, int]] = []
    while ("workspaces", 1) not in deleted:
        async with database.transaction() as transaction:
            part = await purge_part_of_workspace(transaction, team.id, cursor, limit=4)
            # A chunk that is repeated after a crash begins at the stored cursor.
            cursor = json.loads(json.dumps(part.cursor))
            deleted.append((part.kind, part.count))
    of_tasks = [count for kind, count in deleted if kind == "tasks"]
    assert sum(of_tasks) == 12
    # One pass for each of the four levels, with four tasks per chunk.
    assert len(of_tasks) <= 16
    assert await count_rows(database, team.id) == {}


async def test_workspace_is_restored_during_its_purge(
    team: Team, database: Database, clock: ManualClock
) -> None:
    await team.get_client("owner").create_task()
    await trash(team)
    restored, deleted = await asyncio.gather(
        team.users["owner"].post(f"{team.path}/restore"),
        run_housekeeping_at(database, clock.now + timedelta(days=31), trash_days=30),
    )
    if restored.status_code == 200:
        assert "workspaces" not in deleted
        assert len((await team.get_client("owner").get("/api/v1/tasks")).json()["items"]) == 1
    else:
        check_problem(restored, 404, "not_found")
        assert deleted["workspaces"] == 1
        assert await count_rows(database, team.id) == {}
