"""Account deletion by users and by administrators, and the data that remains."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import select

from taskstead.clock import get_now
from taskstead.config.settings import Settings
from taskstead.db.database import Database
from taskstead.jobs.queue import claim_job
from taskstead.queries.system.checks import count_search_gaps, list_log_gaps
from taskstead.services.housekeeping import purge_abandoned_workspaces
from taskstead.tables.audit import audit_log
from taskstead.tables.metadata import metadata
from tests.harness.client import PASSWORD, Client
from tests.harness.problems import check_problem
from tests.harness.settings import make_settings
from tests.harness.untyped import untyped
from tests.integration.workspaces.test_workspace_trash import count_rows

WORKSPACES = "/api/v1/workspaces"
USERS = "/api/v1/admin/users"
BODY = {"current_password": PASSWORD}


@pytest.fixture
def settings(database_url: str) -> Settings:
    return make_settings(database_url, run_worker=False)


@pytest.fixture
async def ann(owner: Client, client: Client) -> Client:
    """A user who is not an administrator."""
    del owner
    return await client.register("ann@example.com", name="Ann")


async def get_me(client: Client) -> dict[str, Any]:
    me: dict[str, Any] = (await client.get("/auth/me")).json()
    return me


async def share(owner: Client, *emails: str, role: str = "editor") -> str:
    """Create a workspace with these members. Return its id."""
    made = await owner.post(WORKSPACES, {"name": "Shared"})
    for email in emails:
        body = {"email": email, "role": role}
        answer = await owner.post(f"{WORKSPACES}/{made.json()['id']}/members", body)
        assert answer.status_code == 201, answer.text
    return str(made.json()["id"])


async def purge(database: Database) -> None:
    """Run the jobs that deletions have enqueued."""
    while job := await claim_job(database, worker="test", lease_seconds=30, clock=get_now):
        assert job.kind == "purge_workspaces"
        while not await purge_abandoned_workspaces(database, job):
            pass


async def test_deletion_removes_account_and_private_data(
    owner: Client, ann: Client, client: Client, database: Database
) -> None:
    me = await get_me(ann)
    alone = await share(ann)
    for workspace_id in (me["personal_workspace_id"], alone):
        inside = ann.in_workspace(workspace_id)
        root = await inside.create_task(tags=["a"], category="b", assignee=me["id"])
        await inside.create_task(parent=root["id"])
    made = await ann.post("/api/v1/tokens", {"name": "my diary", "scopes": ["tasks:read"]})
    program = ann.with_token(made.json()["token"])
    assert (await program.get("/api/v1/tasks")).status_code == 200
    deleted = await ann.post("/auth/me/delete", BODY)
    assert (deleted.status_code, deleted.content) == (204, b"")
    for one in (ann, program):
        check_problem(await one.get("/api/v1/tasks"), 401, "unauthenticated")
        check_problem(await one.post("/auth/me/delete", BODY), 401, "unauthenticated")
    refresh = await client.post("/auth/refresh", {"refresh_token": ann.refresh_token})
    check_problem(refresh, 401, "unauthenticated")
    await purge(database)
    for workspace_id in (me["personal_workspace_id"], alone):
        assert await count_rows(database, workspace_id) == {}
    assert await count_search_gaps(database, database.dialect) == (0, 0)
    await check_no_personal_data_is_left(database, me["id"])
    login = {"email": "ann@example.com", "password": PASSWORD}
    check_problem(await client.post("/auth/login", login), 401, "login_failed")
    again = await client.register("ann@example.com")
    assert (await get_me(again))["id"] != me["id"], "the address is free again"
    assert (await owner.get("/auth/me")).status_code == 200


async def check_no_personal_data_is_left(database: Database, user_id: str) -> None:
    """Check that no table contains the user's name, and that only known tables contain the id."""
    for table in metadata.sorted_tables:
        rows = await database.fetch_all(untyped(select(table)), {})
        text = repr(rows)
        assert "ann@example.com" not in text, table.name
        assert "my diary" not in text, table.name
        if table.name not in ("audit_log", "changes", "tasks", "jobs"):
            assert user_id not in text, table.name
    events = await database.fetch_all(untyped(select(audit_log)), {})
    assert {row["address"] for row in events if user_id == row["user_id"]} <= {None}


async def test_deleted_user_is_shown_without_name_in_shared_workspaces(
    owner: Client, ann: Client, database: Database
) -> None:
    me = await get_me(ann)
    shared = await share(owner, "ann@example.com")
    inside = owner.in_workspace(shared)
    await ann.in_workspace(shared).create_task(title="Hers")
    task = await inside.create_task(title="For her", assignee=me["id"])
    trashed = await inside.create_task(title="For her, in the trash", assignee=me["id"])
    await inside.delete(f"/api/v1/tasks/{trashed['id']}")
    assert (await ann.post("/auth/me/delete", BODY)).status_code == 204
    assert (await inside.get(f"/api/v1/tasks/{task['id']}")).json()["assignee"] is None
    members = (await inside.get(f"{WORKSPACES}/{shared}/members")).json()["items"]
    assert [member["email"] for member in members] == ["owner@example.com"]
    activity = (await inside.get("/api/v1/activity")).json()["items"]
    left, first, second = activity[:3]
    assert (left["kind"], left["id"], left["action"]) == ("member", me["id"], "purged")
    for change in (first, second):
        (field,) = change["fields"]
        assert (field["field"], field["old"], field["new"]) == ("assignee_id", me["id"], None)
    assert len({change["batch"] for change in activity[:3]}) == 1
    assert left["user"] == {"id": me["id"], "name": None}
    assert left["credential"]["kind"] == "ended"
    assert (await inside.get("/api/v1/tasks?q=hers")).json()["items"][0]["number"] == 1
    assert await list_log_gaps(database, limit=9) == []


async def test_deletion_requires_another_owner_of_shared_workspaces(
    owner: Client, ann: Client, client: Client
) -> None:
    await client.register("bob@example.com")
    admin = await get_me(owner)
    first = await share(ann, "owner@example.com", role="viewer")
    second = await share(ann, "owner@example.com", "bob@example.com")
    co_owned = await share(ann, "owner@example.com", role="owner")
    refused = await ann.post("/auth/me/delete", BODY)
    check_problem(refused, 409, "sole_owner")
    listed = {workspace["id"]: workspace for workspace in refused.json()["workspaces"]}
    assert listed.keys() == {first, second}
    assert listed[first] == {
        "id": first,
        "name": "Shared",
        "members": [
            {
                "user_id": admin["id"],
                "email": "owner@example.com",
                "name": "owner",
                "role": "viewer",
            }
        ],
    }
    assert len(listed[second]["members"]) == 2
    half = {**BODY, "hand_over": {first: admin["id"]}}
    refused = await ann.post("/auth/me/delete", half)
    check_problem(refused, 409, "sole_owner")
    assert [workspace["id"] for workspace in refused.json()["workspaces"]] == [second]
    whole = {**BODY, "hand_over": {first: admin["id"], second: admin["id"]}}
    assert (await ann.post("/auth/me/delete", whole)).status_code == 204
    for workspace_id in (first, second, co_owned):
        assert (await owner.get(f"{WORKSPACES}/{workspace_id}")).json()["role"] == "owner"


async def test_invalid_hand_over_deletes_nothing(owner: Client, ann: Client) -> None:
    me, admin = await get_me(ann), await get_me(owner)
    shared = await share(ann, "owner@example.com", role="viewer")
    for hand_over, pointer in (
        ({shared: me["id"]}, f"/hand_over/{shared}"),
        ({me["id"]: admin["id"]}, f"/hand_over/{me['id']}"),
        ({shared: "x"}, f"/hand_over/{shared}"),
    ):
        answer = await ann.post("/auth/me/delete", {**BODY, "hand_over": hand_over})
        check_problem(answer, 422, "validation_failed", pointer)
    assert (await ann.get(f"{WORKSPACES}/{shared}")).json()["role"] == "owner"


async def test_deletion_requires_the_password(ann: Client) -> None:
    wrong = await ann.post("/auth/me/delete", {"current_password": "wrong"})
    check_problem(wrong, 422, "validation_failed", "/current_password")
    check_problem(await ann.post("/auth/me/delete", {}), 422, "validation_failed")
    assert (await ann.get("/auth/me")).status_code == 200


async def test_deletion_requires_a_session(ann: Client) -> None:
    made = await ann.post("/api/v1/tokens", {"name": "x", "scopes": ["account:write"]})
    program = ann.with_token(made.json()["token"])
    check_problem(await program.post("/auth/me/delete", BODY), 403, "forbidden")
    assert (await ann.get("/auth/me")).status_code == 200


async def test_last_administrator_cannot_be_deleted(owner: Client, ann: Client) -> None:
    await share(owner, "ann@example.com")
    check_problem(await owner.post("/auth/me/delete", BODY), 409, "last_administrator")
    ann_id = (await get_me(ann))["id"]
    await owner.patch(f"{USERS}/{ann_id}", {"is_admin": True})
    check_problem(await owner.post("/auth/me/delete", BODY), 409, "sole_owner")


async def test_two_administrators_delete_themselves_concurrently(
    owner: Client, ann: Client
) -> None:
    await owner.patch(f"{USERS}/{(await get_me(ann))['id']}", {"is_admin": True})
    answers = await asyncio.gather(*[one.post("/auth/me/delete", BODY) for one in (owner, ann)])
    assert sorted(answer.status_code for answer in answers) == [204, 409]


async def test_administrator_deletes_an_account(
    owner: Client, ann: Client, client: Client, database: Database
) -> None:
    bob = await client.register("bob@example.com")
    ann_id, bob_id, own_id = [(await get_me(one))["id"] for one in (ann, bob, owner)]
    shared = await share(ann, "bob@example.com")
    path = f"{USERS}/{ann_id}/delete"
    answer = await owner.post(path, {})
    check_problem(answer, 409, "sole_owner")
    assert answer.json()["workspaces"][0]["members"][0]["email"] == "bob@example.com"
    answer = await owner.post(path, {"hand_over": {shared: own_id}})
    check_problem(answer, 422, "validation_failed", f"/hand_over/{shared}")
    assert (await owner.post(path, {"hand_over": {shared: bob_id}})).status_code == 204
    check_problem(await ann.get("/auth/me"), 401, "unauthenticated")
    check_problem(await owner.post(path, {}), 404, "not_found")
    inside = bob.in_workspace(shared)
    changes = (await inside.get("/api/v1/activity?limit=2")).json()["items"]
    assert [change["user"] for change in changes] == [None, None], (
        "members do not see the administrator"
    )
    events = (await owner.get(f"/api/v1/admin/audit?user={ann_id}")).json()["items"]
    assert (events[0]["kind"], events[0]["user_email"]) == ("account.deleted", "owner@example.com")
    assert events[0]["address"] is not None, "the administrator's own"
    assert all(event["address"] is None for event in events if event["user_id"] == ann_id)
    await purge(database)
    assert (await inside.get("/api/v1/tasks")).status_code == 200


async def test_administrator_cannot_delete_themselves(owner: Client) -> None:
    own_id = (await get_me(owner))["id"]
    check_problem(await owner.post(f"{USERS}/{own_id}/delete", {}), 403, "forbidden")


async def test_account_is_deleted_during_its_requests(
    owner: Client, ann: Client, client: Client, database: Database
) -> None:
    """Each request succeeds as before the deletion or is rejected as after it."""
    shared = await share(owner, "ann@example.com")
    ann_id = (await get_me(ann))["id"]
    inside = ann.in_workspace(shared)
    token = {"name": "x", "scopes": ["tasks:read"]}
    member = {"email": "ann@example.com"}
    others = [await share(owner) for _ in range(4)]
    requests = [
        *(inside.post("/api/v1/tasks", {"title": "x", "assignee": ann_id}) for _ in range(4)),
        *(ann.post(WORKSPACES, {"name": "Another"}) for _ in range(4)),
        *(ann.post("/api/v1/tokens", token) for _ in range(4)),
        *(client.post("/auth/refresh", {"refresh_token": ann.refresh_token}) for _ in range(3)),
        *(owner.post(f"{WORKSPACES}/{id_}/members", member) for id_ in others),
    ]
    login = client.post("/auth/login", {"email": "ann@example.com", "password": PASSWORD})
    deletion = ann.post("/auth/me/delete", BODY)
    half = len(requests) // 2
    *answers, _, deleted = await asyncio.gather(*requests[:half], *requests[half:], login, deletion)
    assert deleted.status_code == 204, deleted.text
    for answer in answers:
        assert answer.status_code in (200, 201, 401, 404, 409, 422), answer.text
    check_problem(await ann.get("/auth/me"), 401, "unauthenticated")
    await purge(database)
    assert await list_log_gaps(database, limit=9) == []
    for table in ("members", "sessions", "access_tokens", "api_tokens", "credentials"):
        rows = await database.fetch_all(untyped(select(metadata.tables[table])), {})
        assert all(row["user_id"] != ann_id for row in rows), table
    # The log of each workspace agrees with its members table.
    for workspace_id in (shared, *others):
        activity = (
            await owner.in_workspace(workspace_id).get(f"/api/v1/activity?entity={ann_id}")
        ).json()["items"]
        assert not activity or activity[0]["action"] == "purged"
