"""Fixtures for workspaces."""

import pytest

from tests.harness.client import Client
from tests.integration.workspaces.team import PATH, Team


@pytest.fixture
async def team(client: Client) -> Team:
    """A shared workspace with members of each role."""
    names = ("owner", "editor", "viewer", "stranger")
    users = {name: await client.register(f"{name}@example.com") for name in names}
    ids = {name: (await users[name].get("/auth/me")).json()["id"] for name in names}
    made = await users["owner"].post(PATH, {"name": "Team"})
    team = Team(users, ids, made.json()["id"])
    for role in ("editor", "viewer"):
        body = {"email": f"{role}@example.com", "role": role}
        assert (await users["owner"].post(team.members, body)).status_code == 201
    return team
