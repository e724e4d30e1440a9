"""A shared workspace with tasks of all kinds, and the oracle for filters on them."""

import random
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.harness.client import Client
from tests.harness.filter_dice import FilterDice, make_lines
from tests.harness.filter_evaluator import Evaluator
from tests.integration.transfer.files import import_all
from tests.integration.transfer.files import make_lines as encode_lines

ALL_TASKS = {"deleted": "include", "limit": 200, "fields": "all"}


@dataclass
class FilterWorkspace:
    """A workspace with two members, and its tasks as the API shows them.

    Attributes:
        client: the owner of the workspace.
        workspace_id: the id of the workspace.
        me: the owner's id.
        members: the names and e-mail addresses of the members by id.
        tasks: all tasks, live and trashed.
        completions: the times at which occurrences of repeating tasks were completed, by number.
    """

    client: Client
    workspace_id: str
    me: str
    members: dict[str, tuple[str, str]]
    tasks: list[dict[str, Any]]
    completions: dict[int, list[str]]

    def make_evaluator(self, now: datetime, zone: str) -> Evaluator:
        """Return the oracle for a time and a time zone."""
        return Evaluator(self.tasks, now, ZoneInfo(zone), self.me, self.members, self.completions)

    def make_dice(self, dice: random.Random) -> FilterDice:
        """Return a source of random filters."""
        members = [text for id_, names in self.members.items() for text in (id_, *names)]
        return FilterDice(dice, [*members, "Nobody"])


async def make_workspace(owner: Client, dice: random.Random, now: datetime) -> FilterWorkspace:
    """Create a workspace with tasks of all kinds."""
    await owner.register("grace@example.com", name="Grace Hopper")
    created = await owner.post("/api/v1/workspaces", {"name": "Shared"})
    workspace_id = created.json()["id"]
    client = owner.in_workspace(workspace_id)
    members_path = f"/api/v1/workspaces/{workspace_id}/members"
    await client.post(members_path, {"email": "grace@example.com", "role": "editor"})
    listed = (await client.get(members_path)).json()["items"]
    members = {member["user_id"]: (member["name"], member["email"]) for member in listed}
    me = (await owner.get("/auth/me")).json()["id"]
    job = await import_all(client, encode_lines(*make_lines(dice, now, sorted(members))))
    assert job["errors"] == [], job["errors"][:3]
    completions = await complete_occurrences(client)
    tasks = (await client.get("/api/v1/tasks", params=ALL_TASKS)).json()["items"]
    return FilterWorkspace(client, workspace_id, me, members, tasks, completions)


async def complete_occurrences(client: Client) -> dict[int, list[str]]:
    """Complete one occurrence of some repeating tasks. Return their times by task number."""
    listed = await client.get("/api/v1/tasks", params={"filter": "is:repeating", "limit": 200})
    completions: dict[int, list[str]] = {}
    for task in [task for task in listed.json()["items"] if task["status"] == "todo"]:
        path = f"/api/v1/tasks/{task['number']}"
        assert (await client.post(f"{path}/complete")).status_code == 200
        ended = (await client.get(f"{path}/occurrences")).json()["items"]
        completions[task["number"]] = [occurrence["ended_at"] for occurrence in ended]
    assert completions
    return completions
