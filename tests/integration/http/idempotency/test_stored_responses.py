"""Stored responses: access to them, and responses that are never stored."""

import pytest
from sqlalchemy import select

from taskstead.db.database import Database
from taskstead.tables.idempotency import idempotency_keys
from tests.harness.client import PASSWORD, Client
from tests.harness.problems import check_problem
from tests.harness.untyped import untyped

TASKS = "/api/v1/tasks"
KEY = {"Idempotency-Key": "key"}
LIST_STORED = select(idempotency_keys)


async def test_user_without_permission_gets_no_stored_response(
    owner: Client, client: Client
) -> None:
    shared = (await owner.post("/api/v1/workspaces", {"name": "Shared"})).json()["id"]
    editor = (await client.register("editor@example.com")).in_workspace(shared)
    members = f"/api/v1/workspaces/{shared}/members"
    member = await owner.post(members, {"email": "editor@example.com", "role": "editor"})
    one = f"{members}/{member.json()['user_id']}"
    body = {"title": "Once"}

    async def repeat(principal: Client = editor) -> int:
        return (await principal.post(TASKS, body, headers=KEY)).status_code

    assert [await repeat(), await repeat()] == [201, 201]
    token = {"name": "reader", "scopes": ["tasks:read"]}
    reader = (await editor.post("/api/v1/tokens", token)).json()["token"]
    assert await repeat(editor.with_token(reader)) == 403
    await owner.patch(one, {"role": "viewer"})
    assert await repeat() == 403
    await owner.delete(one)
    assert await repeat() == 404
    await owner.post(members, {"email": "editor@example.com", "role": "editor"})
    assert await repeat() == 201
    await editor.post("/auth/logout")
    assert await repeat() == 401


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/v1/tokens", {"name": "program", "scopes": ["tasks:read"]}),
        ("/api/v1/invitations", {}),
    ],
)
async def test_response_with_a_secret_is_not_stored(
    owner: Client, database: Database, path: str, body: dict[str, object]
) -> None:
    first = await owner.post(path, body, headers=KEY)
    assert first.status_code == 201
    location = first.headers["location"]
    assert location == f"{path}/{first.json()['id']}"
    commits = database.meter.commits
    problem = check_problem(await owner.post(path, body, headers=KEY), 409, "answer_not_kept")
    assert location in problem["detail"]
    # The error acknowledges the first request. A commit waits until that request is durable.
    assert database.meter.commits == commits + 1
    assert len((await owner.get(path)).json()["items"]) == 1
    (stored,) = await database.fetch_all(untyped(LIST_STORED), {})
    assert first.json()["token"] not in str(stored)
    assert (await owner.delete(location)).status_code == 204
    again = await owner.post(path, body, headers={"Idempotency-Key": "other"})
    assert again.json()["token"] != first.json()["token"]


async def test_login_and_profile_ignore_the_key(owner: Client, database: Database) -> None:
    body = {"email": "owner@example.com", "password": PASSWORD}
    answers = [await owner.post("/auth/login", body, headers=KEY) for _ in range(2)]
    assert len({answer.json()["access_token"] for answer in answers}) == 2
    await owner.patch("/auth/me", {"name": "New"}, headers=KEY)
    assert await database.fetch_all(untyped(LIST_STORED), {}) == []
