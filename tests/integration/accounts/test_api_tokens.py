"""API tokens: scopes, expiry, workspace restriction and deletion."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select, update

from taskstead.db.database import Database
from taskstead.ids import hash_secret
from taskstead.tables.tokens import api_tokens
from tests.harness.client import Client
from tests.harness.problems import check_problem
from tests.harness.untyped import untyped

PATH = "/api/v1/tokens"
PERSONAL = ["tasks:read", "tasks:write", "tasks:purge", "account:read", "account:write"]


async def create_token(client: Client, **fields: Any) -> dict[str, Any]:
    answer = await client.post(PATH, {"name": "backup", "scopes": ["tasks:read"], **fields})
    assert answer.status_code == 201, answer.text
    token: dict[str, Any] = answer.json()
    return token


async def set_columns(database: Database, token: dict[str, Any], **values: Any) -> None:
    """Set columns of a token, for states that depend on time."""
    statement = update(api_tokens).where(api_tokens.c.id == bindparam("token")).values(values)
    async with database.transaction() as transaction:
        await transaction.execute(statement, {"token": token["id"]})


async def test_token_is_shown_only_at_its_creation(owner: Client) -> None:
    answer = await owner.post(PATH, {"name": " backup ", "scopes": ["tasks:read", "tasks:read"]})
    assert answer.headers["cache-control"] == "no-store"
    made = answer.json()
    token = made.pop("token")
    assert token.startswith("tsk_")
    assert len(token) >= len("tsk_") + 43
    assert (made["name"], made["scopes"]) == ("backup", ["tasks:read"])
    assert made["expires_at"] is made["last_used_at"] is made["workspace_id"] is None
    listed = await owner.get(PATH)
    assert listed.json() == {"items": [made], "next_cursor": None}


async def test_only_the_hash_of_a_token_is_stored(owner: Client, database: Database) -> None:
    token = (await create_token(owner))["token"]
    (row,) = await database.fetch_all(untyped(select(api_tokens)), {})
    assert row["token_hash"] == hash_secret(token)
    assert token not in repr(row)


async def test_token_is_limited_to_its_scopes(client: Client) -> None:
    await client.register("admin@example.com")
    owner = await client.register("owner@example.com")
    reader = owner.with_token((await create_token(owner))["token"])
    assert (await reader.get("/api/v1/tasks")).status_code == 200
    for answer in (
        await reader.post("/api/v1/tasks", {"title": "x"}),
        await reader.get("/auth/me"),
        await reader.get(PATH),
    ):
        check_problem(answer, 403, "insufficient_scope")
        assert 'error="insufficient_scope"' in answer.headers["WWW-Authenticate"]


async def test_token_has_no_more_scopes_than_its_creator(client: Client) -> None:
    await client.register("admin@example.com")
    owner = await client.register("owner@example.com")
    check_problem(
        await owner.post(PATH, {"name": "x", "scopes": ["admin"]}), 403, "insufficient_scope"
    )
    manager = owner.with_token((await create_token(owner, scopes=["account:write"]))["token"])
    for scope in ("tasks:read", "account:read"):
        refused = await manager.post(PATH, {"name": "x", "scopes": ["account:write", scope]})
        check_problem(refused, 403, "insufficient_scope")
    assert (await manager.post(PATH, {"name": "x", "scopes": ["account:write"]})).is_success


async def test_invalid_fields_are_rejected(owner: Client) -> None:
    good = {"name": "x", "scopes": ["tasks:read"]}
    for body, pointer in (
        ({}, "/name"),
        ({**good, "name": ""}, "/name"),
        ({**good, "name": "x" * 201}, "/name"),
        ({**good, "scopes": []}, "/scopes"),
        ({**good, "scopes": ["tasks:all"]}, "/scopes/0"),
        ({**good, "expires_at": "2020-01-01T00:00:00Z"}, "/expires_at"),
        ({**good, "expires_at": "tomorrow"}, "/expires_at"),
        ({**good, "expires_at": "2030-01-01T00:00:00"}, "/expires_at"),
        ({**good, "expires_at": 1900000000}, "/expires_at"),
        ({**good, "expires_at": "9999-12-31T23:59:59-23:59"}, "/expires_at"),
        ({**good, "workspace_id": "x"}, "/workspace_id"),
        ({**good, "workspace_id": "0" * 32}, "/workspace_id"),
        ({**good, "scope": "tasks:read"}, "/scope"),
    ):
        check_problem(await owner.post(PATH, body), 422, "validation_failed", pointer)


async def test_expired_token_is_rejected(owner: Client, database: Database) -> None:
    soon = datetime.now(UTC) + timedelta(hours=1)
    made = await create_token(owner, expires_at=soon.astimezone().isoformat())
    assert datetime.fromisoformat(made["expires_at"]) == soon
    assert made["expires_at"].endswith("Z")
    program = owner.with_token(made["token"])
    assert (await program.get("/api/v1/tasks")).status_code == 200
    await set_columns(database, made, expires_at=datetime.now(UTC))
    check_problem(await program.get("/api/v1/tasks"), 401, "token_expired")


async def test_last_use_is_recorded_at_most_once_a_minute(
    owner: Client, database: Database
) -> None:
    made = await create_token(owner)
    program = owner.with_token(made["token"])

    async def use() -> datetime:
        assert (await program.get("/api/v1/tasks")).status_code == 200
        (listed,) = (await owner.get(PATH)).json()["items"]
        return datetime.fromisoformat(listed["last_used_at"])

    first = await use()
    assert datetime.now(UTC) - first < timedelta(minutes=1)
    assert await use() == first
    almost = datetime.now(UTC) - timedelta(seconds=50)
    await set_columns(database, made, last_used_at=almost)
    assert await use() == almost
    await set_columns(database, made, last_used_at=datetime.now(UTC) - timedelta(seconds=61))
    assert await use() > first


async def test_token_for_one_workspace_is_rejected_elsewhere(owner: Client) -> None:
    workspace = (await owner.post("/api/v1/workspaces", {"name": "Work"})).json()["id"]
    made = await create_token(owner, scopes=PERSONAL, workspace_id=workspace.upper())
    assert made["workspace_id"] == workspace
    program = owner.with_token(made["token"])
    await program.create_task(title="There")
    shown = (await owner.in_workspace(workspace).get("/api/v1/tasks")).json()["items"]
    assert [task["title"] for task in shown] == ["There"]
    assert (await owner.get("/api/v1/tasks")).json()["items"] == []
    assert (await program.in_workspace(workspace).get("/api/v1/tasks")).status_code == 200
    personal = (await owner.get("/auth/me")).json()["personal_workspace_id"]
    for answer in (
        await program.in_workspace(personal).get("/api/v1/tasks"),
        await program.get(f"/api/v1/workspaces/{personal}"),
        await program.patch(f"/api/v1/workspaces/{personal}", {"name": "Mine"}),
        await program.post(PATH, {"name": "wider", "scopes": ["tasks:read"]}),
        await program.post(
            PATH, {"name": "other", "scopes": ["tasks:read"], "workspace_id": personal}
        ),
    ):
        check_problem(answer, 403, "forbidden")
    narrow = {"name": "same", "scopes": ["tasks:read"], "workspace_id": workspace}
    assert (await program.post(PATH, narrow)).status_code == 201


async def test_token_cannot_create_a_broader_token(owner: Client) -> None:
    workspace = (await owner.post("/api/v1/workspaces", {"name": "Work"})).json()["id"]
    end = datetime.now(UTC) + timedelta(days=1)
    made = await create_token(
        owner, scopes=PERSONAL, workspace_id=workspace, expires_at=end.isoformat()
    )
    program = owner.with_token(made["token"])
    narrow = {"name": "child", "scopes": ["tasks:read"], "workspace_id": workspace}
    later = (end + timedelta(seconds=1)).isoformat()
    for fields in ({}, {"expires_at": None}, {"expires_at": later}):
        check_problem(await program.post(PATH, {**narrow, **fields}), 403, "forbidden")
    wide = {**narrow, "scopes": ["admin"], "expires_at": end.isoformat()}
    check_problem(await program.post(PATH, wide), 403, "insufficient_scope")
    sooner = await program.post(PATH, {**narrow, "expires_at": end.isoformat()})
    assert sooner.status_code == 201, sooner.text


async def test_token_for_one_workspace_cannot_create_another(owner: Client) -> None:
    workspace = (await owner.post("/api/v1/workspaces", {"name": "Work"})).json()["id"]
    program = owner.with_token(
        (await create_token(owner, scopes=PERSONAL, workspace_id=workspace))["token"]
    )
    check_problem(await program.post("/api/v1/workspaces", {"name": "Mine"}), 403, "forbidden")
    assert len((await owner.get("/api/v1/workspaces")).json()["items"]) == 2


async def test_token_for_a_foreign_workspace_cannot_be_created(client: Client) -> None:
    boss = await client.register("boss@example.com")
    outsider = await client.register("outsider@example.com")
    workspace = (await boss.post("/api/v1/workspaces", {"name": "Work"})).json()["id"]
    body = {"name": "x", "scopes": ["tasks:read"], "workspace_id": workspace}
    check_problem(await outsider.post(PATH, body), 422, "validation_failed", "/workspace_id")


async def test_token_for_a_workspace_that_its_user_left_sees_nothing(client: Client) -> None:
    boss = await client.register("boss@example.com")
    member = await client.register("member@example.com")
    workspace = (await boss.post("/api/v1/workspaces", {"name": "Work"})).json()["id"]
    members = f"/api/v1/workspaces/{workspace}/members"
    added = await boss.post(members, {"email": "member@example.com"})
    program = member.with_token((await create_token(member, workspace_id=workspace))["token"])
    assert (await program.get("/api/v1/tasks")).status_code == 200
    await boss.delete(f"{members}/{added.json()['user_id']}")
    check_problem(await program.get("/api/v1/tasks"), 404, "not_found")


async def test_tokens_of_other_users_are_hidden(client: Client) -> None:
    ann, bob = [await client.register(f"{name}@example.com") for name in ("ann", "bob")]
    made = await create_token(ann)
    program = ann.with_token(made["token"])
    check_problem(await bob.delete(f"{PATH}/{made['id']}"), 404, "not_found")
    assert (await bob.get(PATH)).json()["items"] == []
    assert (await program.get("/api/v1/tasks")).status_code == 200


async def test_deleted_token_is_rejected(client: Client) -> None:
    ann = await client.register("ann@example.com")
    made = await create_token(ann)
    program = ann.with_token(made["token"])
    assert (await program.get("/api/v1/tasks")).status_code == 200
    assert (await ann.delete(f"{PATH}/{made['id']}")).status_code == 204
    check_problem(await program.get("/api/v1/tasks"), 401, "unauthenticated")
    check_problem(await ann.delete(f"{PATH}/{made['id']}"), 404, "not_found")


async def test_token_cannot_log_out(owner: Client) -> None:
    program = owner.with_token((await create_token(owner, scopes=PERSONAL))["token"])
    check_problem(await program.post("/auth/logout"), 403, "forbidden")
    assert (await owner.get("/auth/me")).status_code == 200


async def test_token_finds_itself(owner: Client) -> None:
    token = await create_token(owner, scopes=["account:read"])
    reader = owner.with_token(token.pop("token"))
    found = (await reader.get(f"{PATH}/current")).json()
    assert {**found, "last_used_at": None} == token


async def test_token_deletes_itself_without_a_scope_to_write(owner: Client) -> None:
    token = await create_token(owner, scopes=["account:read"])
    reader = owner.with_token(token["token"])
    assert (await reader.delete(f"{PATH}/current")).status_code == 204
    assert (await reader.get(f"{PATH}/current")).status_code == 401


async def test_session_is_not_a_current_token(owner: Client) -> None:
    check_problem(await owner.get(f"{PATH}/current"), 404, "not_found")
