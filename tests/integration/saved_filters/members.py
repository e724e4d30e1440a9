"""Two members of a workspace and what each of them sees, for the tests of saved filters."""

from dataclasses import dataclass
from typing import Any

from tests.harness.client import Client

PATH = "/api/v1/filters"
SECRET = "Secret"


@dataclass
class Members:
    """Two members of one workspace: its owner Ada, and the editor Bob."""

    workspace_id: str
    ada: Client
    bob: Client
    ada_id: str
    bob_id: str


async def make_members(client: Client) -> Members:
    ada, bob = await client.register("ada@example.com"), await client.register("bob@example.com")
    workspace_id = (await ada.post("/api/v1/workspaces", {"name": "Shared"})).json()["id"]
    body = {"email": "bob@example.com", "role": "editor"}
    added = await ada.post(f"/api/v1/workspaces/{workspace_id}/members", body)
    assert added.status_code == 201, added.text
    return Members(
        workspace_id,
        ada.in_workspace(workspace_id),
        bob.in_workspace(workspace_id),
        (await ada.get("/auth/me")).json()["id"],
        (await bob.get("/auth/me")).json()["id"],
    )


async def create(client: Client, name: str, text: str = "today", **fields: Any) -> dict[str, Any]:
    answer = await client.post(PATH, {"name": name, "filter": text, **fields})
    assert answer.status_code == 201, answer.text
    saved: dict[str, Any] = answer.json()
    return saved


async def update(client: Client, saved: dict[str, Any], **fields: Any) -> dict[str, Any]:
    answer = await client.patch(f"{PATH}/{saved['id']}", fields)
    assert answer.status_code == 200, answer.text
    updated: dict[str, Any] = answer.json()
    return updated


async def get_text(client: Client, saved: dict[str, Any]) -> str:
    """Return the filter of a saved filter."""
    return str((await client.get(f"{PATH}/{saved['id']}")).json()["filter"])


async def list_names(client: Client) -> list[str]:
    return [item["name"] for item in (await client.get(PATH)).json()["items"]]


async def list_activity(client: Client) -> list[dict[str, Any]]:
    """Return the changes of saved filters that a member sees, oldest first."""
    answer = await client.get("/api/v1/activity?kind=filter&limit=200")
    items: list[dict[str, Any]] = answer.json()["items"]
    return items[::-1]
