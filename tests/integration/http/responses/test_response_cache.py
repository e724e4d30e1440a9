"""Response cache: hits, keys, invalidation by revision, and bounded memory."""

import pytest

from taskstead.db.database import Database
from taskstead.http.app_state import Server
from tests.harness.client import Client
from tests.harness.clock import ManualClock

# Headers that differ in every response, cached or not.
VARYING = {"x-request-id", "ratelimit"}
PATHS = (
    "/api/v1/tasks",
    "/api/v1/tasks?q=milk",
    "/api/v1/tasks?sort=-priority&limit=2&include_total=true",
    "/api/v1/tasks/1",
    "/api/v1/tasks/stats",
    "/api/v1/categories",
    "/api/v1/tags",
    "/api/v1/trash",
)


@pytest.fixture
def clock() -> ManualClock:
    """Stands still, because cached responses depend on the current minute."""
    return ManualClock()


async def test_cached_read_needs_only_the_principal_statement(
    owner: Client, database: Database, server: Server
) -> None:
    for _ in range(3):
        await owner.create_task(title="Milk", category="Home", tags=["a"])
    for path in PATHS:
        first = await owner.get(path)
        statements, hits = database.meter.statements, server.cache.counts.hits
        again = await owner.get(path)
        assert database.meter.statements - statements == 1, path
        assert server.cache.counts.hits - hits == 1, path
        assert (again.status_code, again.content) == (200, first.content)
        kept = {name: value for name, value in first.headers.items() if name not in VARYING}
        assert {name: again.headers[name] for name in kept} == kept
    assert (server.cache.size_bytes or 0) > 0


async def test_equivalent_parameters_share_a_cache_entry(owner: Client, server: Server) -> None:
    await owner.create_task(title="Milk")
    await owner.get("/api/v1/tasks?limit=5&status=todo")
    await owner.get("/api/v1/tasks?status=todo&limit=5")
    assert server.cache.counts.hits == 1
    await owner.get("/api/v1/tasks?tag_any=b&tag_any=a&priority=2&priority=1")
    await owner.get("/api/v1/tasks?priority=1&priority=2&tag_any=a&tag_any=b&tag_any=a")
    assert server.cache.counts.hits == 2


async def test_every_write_in_the_workspace_changes_responses(owner: Client) -> None:
    task = await owner.create_task(title="Milk", category="Home", tags=["a"])
    for path in PATHS:
        before = (await owner.get(path)).json()
        await owner.get(path)
        for name in ("priority", "title"):
            value = {"priority": 1, "title": "Milk and bread"}[name]
            await owner.patch(f"/api/v1/tasks/{task['id']}", {name: value})
        await owner.create_task(title="Milk again", category="Work", tags=["b"], priority=1)
        await owner.delete("/api/v1/tasks/1")
        now = (await owner.get(path)).json()
        assert now != before, path
        await owner.post("/api/v1/tasks/1/restore")
        await owner.patch(f"/api/v1/tasks/{task['id']}", {"priority": 3, "title": "Milk"})


async def test_cache_entries_are_separate_per_workspace(client: Client, owner: Client) -> None:
    other = await client.register("other@example.com")
    await owner.create_task(title="Mine")
    await other.create_task(title="Theirs")
    for user, title in ((owner, "Mine"), (other, "Theirs"), (owner, "Mine"), (other, "Theirs")):
        (item,) = (await user.get("/api/v1/tasks")).json()["items"]
        assert item["title"] == title
        assert (await user.get("/api/v1/tasks/1")).json()["title"] == title


async def test_removed_member_receives_no_cached_response(client: Client, owner: Client) -> None:
    workspace = (await owner.post("/api/v1/workspaces", {"name": "Team"})).json()
    member = await client.register("member@example.com")
    members = f"/api/v1/workspaces/{workspace['id']}/members"
    added = (await owner.post(members, {"email": "member@example.com"})).json()
    team = member.in_workspace(workspace["id"])
    etag = (await team.get("/api/v1/tasks")).headers["etag"]
    assert (await owner.delete(f"{members}/{added['user_id']}")).status_code == 204
    for headers in ({}, {"If-None-Match": etag}, {"If-None-Match": "*"}):
        assert (await team.get("/api/v1/tasks", headers=headers)).status_code == 404
