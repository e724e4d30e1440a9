"""Trash: listing with the newest first, pagination, and permanent deletion."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from taskstead.config.settings import Settings
from taskstead.db.database import Database
from taskstead.faces.worker.loop import running_worker
from taskstead.http.app_state import Server
from taskstead.queries.accounts.principals import find_principal_by_email
from taskstead.schemas.base import Page
from taskstead.schemas.tasks.tasks import TaskListed
from taskstead.services.housekeeping import KIND, housekeeping_schedule
from taskstead.services.tasks.purge import empty_trash
from taskstead.tables.jobs import jobs
from tests.harness.client import Client
from tests.harness.clock import ManualClock
from tests.harness.contexts import make_write_context
from tests.harness.settings import make_settings
from tests.harness.untyped import untyped
from tests.integration.jobs.housekeeping import run_housekeeping_at
from tests.integration.log.replica import Replica, check_change_log

pytestmark = pytest.mark.balanced

PATH = "/api/v1/trash"

_LIST_HOUSEKEEPING = select(jobs.c.state).where(jobs.c.kind == KIND)


@pytest.fixture
def clock() -> ManualClock:
    """The application's clock stands still until the test moves it."""
    return ManualClock()


@pytest.fixture
def settings(database_url: str) -> Settings:
    # Without a worker, which would run the jobs that the tests run themselves. Access tokens stay
    # valid when a test moves the clock by hours.
    return make_settings(database_url, run_worker=False, access_token_minutes=24 * 60)


async def list_trash(client: Client, query: str = "") -> list[int]:
    answer = await client.get(f"{PATH}?{query}")
    assert answer.status_code == 200, answer.text
    page = Page[TaskListed].model_validate_json(answer.content)
    return [task.number for task in page.items]


async def page_through(client: Client, limit: int) -> list[int]:
    numbers: list[int] = []
    query = f"limit={limit}"
    while True:
        page = (await client.get(f"{PATH}?{query}")).json()
        assert len(page["items"]) <= limit
        numbers += [task["number"] for task in page["items"]]
        if page["next_cursor"] is None:
            return numbers
        query = f"limit={limit}&cursor={page['next_cursor']}"


async def trash(client: Client, *numbers: int) -> None:
    for number in numbers:
        assert (await client.delete(f"/api/v1/tasks/{number}")).status_code == 204


async def make_tasks(client: Client, count: int, **fields: Any) -> None:
    for number in range(count):
        await client.create_task(title=f"Task {number + 1}", **fields)


async def check_log(client: Client, database: Database) -> Replica:
    me = (await client.get("/auth/me")).json()
    replica = Replica(me["personal_workspace_id"])
    await check_change_log(database, replica)
    return replica


async def test_newest_trashed_task_comes_first(owner: Client, clock: ManualClock) -> None:
    await make_tasks(owner, 5)
    assert await list_trash(owner) == []
    for number in (2, 5, 1):
        await trash(owner, number)
        clock.advance(1)
    assert await list_trash(owner) == [1, 5, 2]
    await owner.post("/api/v1/tasks/5/restore")
    assert await list_trash(owner) == [1, 2]


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 200])
async def test_pages_contain_each_task_once(owner: Client, clock: ManualClock, limit: int) -> None:
    await make_tasks(owner, 2)
    # These were trashed together, so the time alone does not determine where a page ends.
    await make_tasks(owner, 5, parent=1)
    await trash(owner, 2)
    clock.advance(1)
    await trash(owner, 1)
    assert await page_through(owner, limit) == [1, 3, 4, 5, 6, 7, 2]


@pytest.mark.parametrize("cursor", ["nonsense", "WyJ4IiwgIngiXQ"])  # the second is ["x", "x"]
async def test_forged_cursor_is_rejected(owner: Client, cursor: str) -> None:
    answer = await owner.get(f"{PATH}?cursor={cursor}")
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"] == "query/cursor"


async def test_emptying_the_trash_purges_all_tasks(owner: Client, database: Database) -> None:
    await make_tasks(owner, 3)
    await make_tasks(owner, 2, parent=2)
    await trash(owner, 4, 2)
    assert (await owner.post(f"{PATH}/empty")).json() == {"purged": 3}
    assert await list_trash(owner) == []
    assert (await owner.get("/api/v1/tasks/2")).status_code == 404
    assert (await owner.post(f"{PATH}/empty")).json() == {"purged": 0}
    listed = (await owner.get("/api/v1/tasks?deleted=include")).json()["items"]
    assert [task["number"] for task in listed] == [3, 1]
    replica = await check_log(owner, database)
    assert len(replica.rows["task"]) == 2


@pytest.mark.parametrize("chunk", [1, 3, 7])
async def test_large_trash_is_emptied_in_chunks(
    owner: Client, database: Database, clock: ManualClock, chunk: int
) -> None:
    await make_tasks(owner, 8)
    await owner.create_task(parent=4)
    await trash(owner, *range(1, 8))
    principal = await find_principal_by_email(database, "owner@example.com")
    assert principal is not None
    assert await empty_trash(make_write_context(database, principal, clock), chunk=chunk) == 8
    assert [task["number"] for task in (await owner.get("/api/v1/tasks")).json()["items"]] == [8]
    await check_log(owner, database)


async def test_task_can_be_purged_immediately(owner: Client, database: Database) -> None:
    await make_tasks(owner, 2, tags=["x"], category="y")
    await owner.create_task(parent=1)
    await trash(owner, 2)
    for number in (1, 2):
        answer = await owner.delete(f"/api/v1/tasks/{number}?permanent=true")
        assert answer.status_code == 204
    assert (await owner.delete("/api/v1/tasks/1?permanent=true")).status_code == 404
    listed = (await owner.get("/api/v1/tasks?deleted=include")).json()["items"]
    assert listed == []
    await trash(owner, (await owner.create_task())["number"])
    assert await list_trash(owner) == [4]
    await check_log(owner, database)


async def test_expired_trash_is_purged(
    owner: Client, database: Database, clock: ManualClock
) -> None:
    other = await owner.register("other@example.com")
    began = clock.now
    for client in (owner, other):
        await make_tasks(client, 3)
        await trash(client, 1)
    clock.advance(timedelta(hours=1, minutes=1).total_seconds())
    for client in (owner, other):
        await trash(client, 2)
    # The first task was trashed 30 days and a minute ago, the second one 29 days and 23 hours ago.
    now = began + timedelta(days=30, minutes=1)
    deleted = await run_housekeeping_at(database, now, trash_days=30)
    assert deleted == {"tasks": 2}
    for client in (owner, other):
        assert await list_trash(client) == [2]
        listed = (await client.get("/api/v1/tasks?deleted=include")).json()["items"]
        assert [task["number"] for task in listed] == [3, 2]
    earlier = now - timedelta(hours=1)
    assert await run_housekeeping_at(database, earlier, trash_days=30) == {}


@pytest.mark.parametrize("trash_days", [30, 0])
async def test_server_runs_housekeeping(
    client: Client, owner: Client, server: Server, clock: ManualClock, trash_days: int
) -> None:
    database = server.database
    await make_tasks(owner, 2)
    await trash(owner, 1)
    clock.advance(timedelta(days=31).total_seconds())
    owner = await client.log_in("owner@example.com")
    await trash(owner, 2)
    scheduling = housekeeping_schedule(
        database,
        server.wakeup,
        clock=server.clock,
        trash_days=trash_days,
        first_delay_seconds=0,
    )
    worker = running_worker(database, server.wakeup, settings=server.settings, clock=server.clock)
    async with worker, scheduling:
        await wait_for_housekeeping(database)
    assert await list_trash(owner) == ([2] if trash_days else [2, 1])


async def wait_for_housekeeping(database: Database) -> None:
    """Wait until the job of the hour has been enqueued and has finished."""
    async with asyncio.timeout(60):
        while True:
            rows = await database.fetch_all(untyped(_LIST_HOUSEKEEPING), {})
            if rows and all(row["state"] == "done" for row in rows):
                assert len(rows) == 1
                return
            await asyncio.sleep(0.01)
