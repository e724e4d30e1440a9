"""The clock jumps back by an hour and forward again, while clients read and write."""

import os
import random
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.harness.client import Client
from tests.harness.commands import running_server
from tests.harness.paths import PROGRAM
from tests.harness.problems import check_problem
from tests.harness.settings import RATE_LIMITS
from tests.integration.jobs.waiting import wait_for_job
from tests.system.durability.checks import register
from tests.system.durability.writers import TIMEOUT_SECONDS
from tests.system.faults.clock import Clock
from tests.system.faults.load import (
    Address,
    Tally,
    check_nothing_lost,
    running_load,
    wait_for_writes,
)

HOUR = 3600
TASKS = "/api/v1/tasks"
SEARCHES = 5
JUMPS = 30
SETTINGS = {
    **dict.fromkeys(RATE_LIMITS, "999999999/day"),
    "rate_limit_search": f"{SEARCHES}/minute",
    "idempotency_hours": "1",
    "access_token_minutes": "1440",
    "database_wait_seconds": "60",
    "password_hash_memory_kib": "8",
    "password_hash_time_cost": "1",
}

pytestmark = pytest.mark.system


class SequentialClient:
    """A client that sends one request after the other and checks each response."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._ids: list[str] = []
        self._once = ""
        self._page: dict[str, Any] = {}
        self._token = ""

    async def begin(self) -> None:
        """Create tasks, read the first page of a list, and use an idempotency key."""
        await self.create_tasks(8)
        self._page = (await self._client.get(f"{TASKS}?sort=-created_at&limit=3")).json()
        self._once = await self._create_once()

    async def create_tasks(self, count: int) -> None:
        """Create tasks. The ids of one process ascend even if the clock is set back."""
        for _ in range(count):
            self._ids.append((await self._client.create_task())["id"])
        assert self._ids == sorted(self._ids)

    async def finish_list(self) -> None:
        """Continue the list after its first page: no duplicates and no gaps."""
        found, page = [task["id"] for task in self._page["items"]], self._page
        while page["next_cursor"]:
            query = f"sort=-created_at&limit=3&cursor={page['next_cursor']}"
            page = (await self._client.get(f"{TASKS}?{query}")).json()
            found += [task["id"] for task in page["items"]]
        first = self._ids[:8]
        assert [id_ for id_ in found if id_ in first] == first[::-1]

    async def _create_once(self) -> str:
        answer = await self._client.post(
            TASKS, {"title": "Once"}, headers={"Idempotency-Key": "a-key-of-ours"}
        )
        assert answer.status_code == 201, answer.text
        id_: str = answer.json()["id"]
        return id_

    async def check_key(self, *, is_stored: bool) -> None:
        """Repeat the request with the key.

        The response is the same, or a new one after the key expired.
        """
        assert (await self._create_once() == self._once) is is_stored

    async def make_token(self, expires_at: datetime) -> None:
        """Create an API token that expires at an instant."""
        body = {"name": "t", "scopes": ["tasks:read"], "expires_at": expires_at.isoformat()}
        answer = await self._client.post("/api/v1/tokens", body)
        assert answer.status_code == 201, answer.text
        self._token = answer.json()["token"]

    async def check_token(self, *, is_good: bool) -> None:
        """Use the token."""
        answer = await self._client.with_token(self._token).get(TASKS)
        if is_good:
            assert answer.status_code == 200, answer.text
        else:
            check_problem(answer, 401, "token_expired")

    async def refresh(self) -> None:
        """Log in, refresh, and continue with the new tokens."""
        session = await self._client.log_in("sequential@example.com")
        answer = await session.post("/auth/refresh", {"refresh_token": session.refresh_token})
        assert answer.status_code == 200, answer.text
        self._client = self._client.with_token(answer.json()["access_token"])

    async def start_job(self) -> httpx2.Response:
        """Start a background job."""
        return await self._client.post(
            f"{TASKS}/import?format=jsonl",
            content=b'{"title": "Imported"}\n',
            headers={"Content-Type": "application/x-ndjson"},
        )

    async def finish_job(self, started: httpx2.Response) -> None:
        """Wait until the job is done."""
        job = await wait_for_job(self._client, started)
        assert (job["state"], job["failed"]) == ("done", 0), job

    async def do_job(self) -> None:
        """Run a background job."""
        await self.finish_job(await self.start_job())

    async def exceed_limit(self) -> None:
        """Search until rejected, and check the limit and the Retry-After header.

        The searches take at most two minutes, so at least one of these minutes has more than are
        allowed.
        """
        searches = refused = left = 0
        for _ in range(2 * SEARCHES + 1):
            answer = await self._client.get(f"{TASKS}?q=nothing")
            before, left = left, int(answer.headers["RateLimit"].rpartition("t=")[2])
            # The count starts again in the next minute.
            searches = searches + 1 if left <= before else 1
            if searches <= SEARCHES:
                assert answer.status_code == 200, answer.text
            else:
                check_problem(answer, 429, "rate_limited")
                assert 1 <= int(answer.headers["Retry-After"]) <= 60
                refused += 1
        assert refused


@contextmanager
def running_with_clock(
    clock: Clock, database_url: str, folder: Path, **changes: str
) -> Iterator[tuple[Address, dict[str, str]]]:
    """Run a server with a clock. Yield its address and its environment."""
    settings = {**SETTINGS, **changes, "database_url": database_url}
    environment = {f"TASKSTEAD_{name.upper()}": value for name, value in settings.items()}
    environment |= clock.environment
    with running_server(folder, **environment) as server:
        yield Address(server.port), environment
        assert server.stop() == 0
        assert "Traceback" not in server.error_output


@contextmanager
def running_worker(environment: dict[str, str]) -> Iterator[None]:
    """Run a worker during the block."""
    worker = subprocess.Popen([PROGRAM, "worker"], env={**os.environ, **environment})
    try:
        yield
    finally:
        worker.kill()
        worker.wait()


async def jump_back_and_forward(sequential: SequentialClient, clock: Clock) -> None:
    """Check what depends on the time before a jump back, after it, and after a jump forward."""
    await sequential.begin()
    await sequential.do_job()
    await sequential.exceed_limit()
    clock.set_offset(-HOUR)
    await sequential.create_tasks(3)
    await sequential.finish_list()
    await sequential.check_key(is_stored=True)
    await sequential.do_job()
    await sequential.exceed_limit()
    await sequential.make_token(datetime.now(UTC) - timedelta(minutes=30))
    await sequential.check_token(is_good=True)
    await sequential.refresh()
    clock.set_offset(0)
    await sequential.check_token(is_good=False)
    await sequential.check_key(is_stored=True)
    clock.set_offset(2 * HOUR)
    await sequential.check_key(is_stored=False)
    await sequential.do_job()


async def test_clock_jumps_do_not_affect_clients(
    database_url: str, tmp_path: Path, chance: random.Random
) -> None:
    tally = Tally()
    clock = Clock(tmp_path)
    with running_with_clock(clock, database_url, tmp_path / "server") as (server, _):
        ledgers = [await register(server, name) for name in ("one", "two")]
        async with httpx2.AsyncClient(base_url=server.url, timeout=TIMEOUT_SECONDS) as http:
            sequential = SequentialClient(
                Client(http, (await register(server, "sequential")).client.headers)
            )
            async with running_load(ledgers, [server], tally, chance, writers=2):
                await wait_for_writes(ledgers)
                await jump_back_and_forward(sequential, clock)
                await wait_for_writes(ledgers)
                for _ in range(JUMPS):
                    clock.set_offset(chance.uniform(-HOUR, HOUR))
                    await wait_for_writes(ledgers, count=1)
                await sequential.create_tasks(3)
                await sequential.do_job()
    tally.expect(200, 201)
    assert tally.statuses.keys() <= {200, 201, 204}
    await check_nothing_lost(database_url, ledgers)


async def test_waiting_jobs_run_after_the_clock_is_set_back(
    database_url: str, tmp_path: Path
) -> None:
    clock = Clock(tmp_path)
    options = {"run_worker": "false", "job_poll_seconds": "0.05"}
    with running_with_clock(clock, database_url, tmp_path / "server", **options) as (
        server,
        environment,
    ):
        async with httpx2.AsyncClient(base_url=server.url, timeout=TIMEOUT_SECONDS) as http:
            sequential = SequentialClient(
                Client(http, (await register(server, "sequential")).client.headers)
            )
            waiting = [await sequential.start_job() for _ in range(3)]
            clock.set_offset(-HOUR)
            with running_worker(environment):
                for started in waiting:
                    await sequential.finish_job(started)
