"""Account export: a ZIP archive with all data of the account and without secrets."""

import io
import json
import zipfile
from typing import Any

import pytest

from taskstead.config.settings import Settings
from tests.harness.client import PASSWORD, Client
from tests.harness.problems import check_problem
from tests.harness.settings import make_settings

BODY = {"current_password": PASSWORD}


@pytest.fixture
def settings(database_url: str) -> Settings:
    return make_settings(database_url, run_worker=False)


async def export(client: Client) -> dict[str, list[Any]]:
    """Return the rows of each file of an export."""
    answer = await client.post("/auth/me/export", BODY)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["cache-control"] == "no-store"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        return {
            name: [json.loads(line) for line in archive.read(name).splitlines()]
            for name in archive.namelist()
        }


async def test_export_contains_all_data_of_the_user(owner: Client, client: Client) -> None:
    ann = await client.register("ann@example.com", name="Ann")
    me = (await ann.get("/auth/me")).json()
    body = {"name": "Shared", "role": "viewer"}
    shared = (await ann.post("/api/v1/workspaces", {"name": body["name"]})).json()["id"]
    others = (await owner.post("/api/v1/workspaces", {"name": "Others"})).json()["id"]
    member = {"email": "ann@example.com"}
    await owner.post(f"/api/v1/workspaces/{others}/members", member)
    await owner.in_workspace(others).create_task(title="Not hers")
    for number in range(3):
        await ann.create_task(title=f"Task {number}", tags=["a"], category="b")
    trashed = await ann.in_workspace(shared).create_task(title="In the trash")
    await ann.in_workspace(shared).delete(f"/api/v1/tasks/{trashed['id']}")
    made = await ann.post("/api/v1/tokens", {"name": "phone", "scopes": ["tasks:read"]})
    await ann.put("/api/v1/preferences", {"theme": "dark"})
    found = await export(ann)
    personal = f"workspaces/{me['personal_workspace_id']}"
    assert found["account.json"] == [me]
    assert found["preferences.json"] == [{"theme": "dark"}]
    assert [row["name"] for row in found["api_tokens.jsonl"]] == ["phone"]
    assert len(found["sessions.jsonl"]) == 1
    assert {row["workspace_id"]: row["role"] for row in found["memberships.jsonl"]} == {
        me["personal_workspace_id"]: "owner",
        shared: "owner",
        others: "editor",
    }
    assert [row["title"] for row in found[f"{personal}/tasks.jsonl"]] == [
        *("Task 0", "Task 1", "Task 2")
    ]
    assert [row["title"] for row in found[f"workspaces/{shared}/tasks.jsonl"]] == ["In the trash"]
    assert [row["name"] for row in found[f"{personal}/categories.jsonl"]] == ["b"]
    assert [row["name"] for row in found[f"{personal}/tags.jsonl"]] == ["a"]
    revisions = [row["revision"] for row in found[f"{personal}/changes.jsonl"]]
    assert revisions == list(range(1, len(revisions) + 1))
    assert not any(name.startswith(f"workspaces/{others}") for name in found)
    kinds = [event["kind"] for event in found["audit.jsonl"]]
    assert kinds[0] == "account.exported"
    assert {"account.registered", "token.created", "member.added"} <= set(kinds)
    text = json.dumps(found)
    assert "owner@example.com" not in text, "another user added her"
    for secret in (made.json()["token"], ann.refresh_token, "hash", "secret"):
        assert secret not in text


async def test_exported_tasks_can_be_imported(owner: Client, client: Client) -> None:
    del owner
    ann = await client.register("ann@example.com")
    await ann.create_task(title="Kept", tags=["a"])
    answer = await ann.post("/auth/me/export", BODY)
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith("tasks.jsonl")]
        lines = archive.read(name)
    bob = await client.register("bob@example.com")
    imported = await bob.request(
        *("POST", "/api/v1/tasks/import"),
        content=lines,
        headers={"Content-Type": "application/x-ndjson"},
    )
    assert imported.status_code == 202, imported.text


async def test_export_contains_more_rows_than_a_chunk(owner: Client) -> None:
    operations = [{"op": "create", "task": {"title": f"Task {n}"}} for n in range(600)]
    answer = await owner.post("/api/v1/tasks/bulk", {"operations": operations})
    assert answer.status_code == 200, answer.text
    found = await export(owner)
    (tasks,) = [rows for name, rows in found.items() if name.endswith("tasks.jsonl")]
    assert [row["number"] for row in tasks] == list(range(1, 601))
    (changes,) = [rows for name, rows in found.items() if name.endswith("changes.jsonl")]
    assert [row["revision"] for row in changes] == list(range(1, 603))


async def test_export_requires_the_password(owner: Client) -> None:
    wrong = await owner.post("/auth/me/export", {"current_password": "wrong"})
    check_problem(wrong, 422, "validation_failed", "/current_password")


async def test_export_requires_a_session(owner: Client) -> None:
    made = await owner.post("/api/v1/tokens", {"name": "x", "scopes": ["account:write"]})
    program = owner.with_token(made.json()["token"])
    check_problem(await program.post("/auth/me/export", BODY), 403, "forbidden")
