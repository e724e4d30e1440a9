"""The clock of the application: every time that a response contains comes from it."""

import re
from datetime import datetime, timedelta
from typing import Any

import httpx2
import pytest

from taskstead.app import create_app
from taskstead.config.settings import Settings
from taskstead.http.app_state import Server
from tests.harness.client import PASSWORD, Client
from tests.harness.clock import ManualClock
from tests.harness.settings import WAIT_SECONDS, make_settings
from tests.integration.jobs.waiting import wait_for_job

TASKS = "/api/v1/tasks"
CREDENTIALS = {"email": "owner@example.com", "password": PASSWORD}
PROCESS = {"filter": {}, "action": "complete"}
# A date with a time and an offset (RFC 3339).
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)
IMPORTED = b'{"title": "Imported"}\n'


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


def list_times(data: Any) -> set[datetime]:
    """Return all times in a JSON document."""
    if isinstance(data, str):
        return {datetime.fromisoformat(data)} if TIME.fullmatch(data) else set()
    if isinstance(data, dict):
        data = list(data.values())
    if isinstance(data, list):
        return {time for item in data for time in list_times(item)}
    return set()


async def get_times(client: Client, path: str) -> set[datetime]:
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    return list_times(answer.json())


async def process_tasks(client: Client) -> Any:
    """Run a bulk process, and return the finished job."""
    return await wait_for_job(client, await client.post(f"{TASKS}/bulk-process", PROCESS))


async def create_token(client: Client) -> str:
    """Create an API token."""
    answer = await client.post("/api/v1/tokens", {"name": "x", "scopes": ["tasks:read"]})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["token"])


@pytest.fixture
async def began(owner: Client, clock: ManualClock) -> datetime:
    """The time at which the user was created. Everything else is created a minute later."""
    began = clock.now
    clock.advance(60)
    await owner.create_task(category="Home", tags=["a"])
    return began


@pytest.mark.usefixtures("began")
async def test_job_has_the_times_of_the_clock(owner: Client, clock: ManualClock) -> None:
    assert list_times(await process_tasks(owner)) == {clock.now}


async def test_import_has_the_times_of_the_clock(owner: Client, clock: ManualClock) -> None:
    clock.advance(60)
    headers = {"Content-Type": "application/x-ndjson"}
    started = await owner.request("POST", f"{TASKS}/import", content=IMPORTED, headers=headers)
    assert list_times(await wait_for_job(owner, started)) == {clock.now}
    assert await get_times(owner, TASKS) == {clock.now}


@pytest.mark.usefixtures("began")
@pytest.mark.parametrize("path", [TASKS, f"{TASKS}/1/history", "/api/v1/categories"])
async def test_task_has_the_times_of_the_clock(
    owner: Client, clock: ManualClock, path: str
) -> None:
    await process_tasks(owner)
    assert await get_times(owner, path) == {clock.now}


@pytest.mark.usefixtures("began")
async def test_list_of_jobs_has_the_times_of_the_clock(owner: Client, clock: ManualClock) -> None:
    await process_tasks(owner)
    assert await get_times(owner, "/api/v1/jobs") == {clock.now}


@pytest.mark.usefixtures("began")
async def test_used_token_has_the_times_of_the_clock(owner: Client, clock: ManualClock) -> None:
    assert (await owner.with_token(await create_token(owner)).get(TASKS)).status_code == 200
    assert await get_times(owner, "/api/v1/tokens") == {clock.now}


async def test_user_has_the_time_of_the_registration(owner: Client, began: datetime) -> None:
    assert await get_times(owner, "/auth/me") == {began}


# The user and the personal workspace are older.
@pytest.mark.parametrize("path", ["/api/v1/workspaces", "/api/v1/activity", "/api/v1/admin/audit"])
async def test_lists_have_the_times_of_the_clock(
    owner: Client, clock: ManualClock, began: datetime, path: str
) -> None:
    assert (await owner.post("/api/v1/workspaces", {"name": "Team"})).status_code == 201
    assert (await owner.post("/auth/login", CREDENTIALS)).status_code == 200
    assert await get_times(owner, path) == {began, clock.now}


async def test_unstored_times_are_those_of_the_clock(
    client: Client, server: Server, clock: ManualClock
) -> None:
    # If a check timed out, the response would contain the time of the check before.
    server.probes.database.wait_seconds = WAIT_SECONDS
    for _ in range(2):
        clock.advance(1)
        for path in ("/nothing", TASKS, "/todos/1", "/health"):
            assert list_times((await client.get(path)).json()) == {clock.now}, path


async def test_error_before_the_start_has_the_time_of_the_clock() -> None:
    clock = ManualClock()
    app = create_app(make_settings("sqlite:///x.db", allowed_hosts="example.com"), clock=clock)
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://other") as http:
        answer = await http.get("/health")
    assert (answer.status_code, answer.json()["code"]) == (421, "unknown_host")
    assert list_times(answer.json()) == {clock.now}


class TestExpiry:
    """Expiry at the time of the clock."""

    @pytest.fixture
    def settings(self, database_url: str) -> Settings:
        return make_settings(database_url, access_token_minutes=15, run_worker=False)

    async def test_access_token_expires(self, owner: Client, clock: ManualClock) -> None:
        clock.advance(timedelta(minutes=15).total_seconds() - 1)
        assert (await owner.get(TASKS)).status_code == 200
        clock.advance(1)
        answer = await owner.get(TASKS)
        assert (answer.status_code, answer.json()["code"]) == (401, "token_expired")
