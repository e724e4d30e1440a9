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


async def test_stored_times_are_those_of_the_clock(owner: Client, clock: ManualClock) -> None:
    body = {"email": "owner@example.com", "password": PASSWORD}
    began = clock.now
    clock.advance(60)
    await owner.create_task(category="Home", tags=["a"])
    processed = await wait_for_job(owner, await owner.post(f"{TASKS}/bulk-process", PROCESS))
    headers = {"Content-Type": "application/x-ndjson"}
    started = await owner.request("POST", f"{TASKS}/import", content=IMPORTED, headers=headers)
    imported = await wait_for_job(owner, started)
    assert list_times([processed, imported]) == {clock.now}
    made = await owner.post("/api/v1/tokens", {"name": "x", "scopes": ["tasks:read"]})
    program = owner.with_token(made.json()["token"])
    assert await get_times(program, TASKS) == {clock.now}
    assert (await owner.post("/api/v1/workspaces", {"name": "Team"})).status_code == 201
    assert (await owner.post("/auth/login", body)).status_code == 200
    for path in (f"{TASKS}/1/history", "/api/v1/tokens", "/api/v1/categories", "/api/v1/jobs"):
        assert await get_times(owner, path) == {clock.now}, path
    # The user and the personal workspace are older.
    for path in ("/api/v1/workspaces", "/api/v1/activity", "/api/v1/admin/audit"):
        assert await get_times(owner, path) == {began, clock.now}, path
    assert await get_times(owner, "/auth/me") == {began}


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
