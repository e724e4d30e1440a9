"""Responses of several processes: shared cache in Redis, no stale responses, and If-Match."""

import asyncio
import itertools
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path

import httpx2
import pytest
from fastapi import FastAPI

from taskstead.app import create_app
from taskstead.config.settings import Settings
from taskstead.http.app_state import Server
from tests.harness.client import Client
from tests.harness.problems import check_problem
from tests.harness.servers.valkey import ValkeyServer, running_valkey
from tests.harness.settings import make_settings
from tests.system.durability.servers import ServerProcess

WRITES = 40
READERS = 3
COUNTERS = 20


@pytest.fixture
def own_valkey() -> Iterator[ValkeyServer]:
    """A Valkey server that the test may stop."""
    with running_valkey() as server:
        yield server


class TestWithRedis:
    """One application, while Redis stops and starts."""

    @pytest.fixture
    def settings(self, database_url: str, own_valkey: ValkeyServer) -> Settings:
        return make_settings(database_url, redis_url=own_valkey.patient_url)

    async def test_cache_is_shared_by_applications(self, settings: Settings, owner: Client) -> None:
        await owner.create_task()
        first = await owner.get("/api/v1/tasks")
        other = create_app(settings)
        async with other.router.lifespan_context(other):
            transport = httpx2.ASGITransport(app=other)
            async with httpx2.AsyncClient(transport=transport, base_url="http://other") as http:
                again = await Client(http, owner.headers).get("/api/v1/tasks")
            assert (again.status_code, again.content) == (200, first.content)
            parts: Server = other.state.server
            counts = parts.cache.counts
            assert (counts.hits, counts.misses) == (1, 0)

    async def test_server_continues_while_redis_is_stopped(
        self, app: FastAPI, owner: Client, own_valkey: ValkeyServer
    ) -> None:
        counts = app.state.server.cache.counts
        await owner.create_task(title="0")
        done = asyncio.Event()

        async def read() -> int:
            count = 0
            while not done.is_set():
                for path in ("/api/v1/tasks", "/api/v1/tasks/1", "/api/v1/tasks/stats"):
                    answer = await owner.get(path)
                    assert answer.status_code == 200, answer.text
                    count += 1
                    # A cached read never waits, so without this the readers would block the event
                    # loop.
                    await asyncio.sleep(0)
            return count

        readers = [asyncio.create_task(read()) for _ in range(READERS)]
        await asyncio.sleep(0.1)
        await asyncio.to_thread(own_valkey.stop)
        for title in range(1, 6):
            changed = await owner.patch("/api/v1/tasks/1", {"title": str(title)})
            assert changed.status_code == 200
            assert (await owner.get("/api/v1/tasks/1")).json()["title"] == str(title)
        health = await owner.get("/health")
        reported = (health.status_code, health.json()["status"], health.json()["redis"])
        assert reported == (200, "degraded", "unavailable")
        assert counts.errors > 0
        await asyncio.to_thread(own_valkey.start)
        hits = counts.hits
        while counts.hits < hits + 10:  # noqa: ASYNC110 - no event to wait for
            await asyncio.sleep(0.02)
        done.set()
        assert all(count > 0 for count in await asyncio.gather(*readers))
        # One check may be late.
        while (await owner.get("/health")).json()["status"] != "ok":  # noqa: ASYNC110 - no event to wait for
            await asyncio.sleep(0.02)


@pytest.fixture
def processes(
    database_url: str, valkey: ValkeyServer, tmp_path: Path, cache_in: str
) -> Iterator[list[ServerProcess]]:
    """Two server processes on one database."""
    changes = {"rate_limits": "false"}
    if cache_in == "redis":
        changes["redis_url"] = valkey.patient_url
    with ExitStack() as stack:
        servers = [ServerProcess(database_url, tmp_path, **changes) for _ in range(2)]
        for server in servers:
            stack.callback(server.kill)
            server.start()
        yield servers


@pytest.fixture
async def clients(processes: list[ServerProcess]) -> AsyncIterator[list[Client]]:
    """A client of each process, logged in to the same account."""
    async with AsyncExitStack() as stack:
        https = [
            await stack.enter_async_context(httpx2.AsyncClient(base_url=server.url, timeout=30))
            for server in processes
        ]
        owner = await Client(https[0]).register("owner@example.com")
        yield [owner, Client(https[1], owner.headers)]


@pytest.mark.parametrize(
    ("engine", "cache_in"),
    [
        ("sqlite", "memory"),
        ("postgresql", "redis"),
        pytest.param("sqlite", "redis", marks=pytest.mark.system),
        pytest.param("postgresql", "memory", marks=pytest.mark.system),
    ],
    indirect=["engine"],
)
async def test_no_response_is_older_than_an_acknowledged_write(
    clients: list[Client],
) -> None:
    await clients[0].create_task(title="0")
    # The number in the title of the last acknowledged write.
    acknowledged = 0
    is_done = False

    async def write() -> None:
        nonlocal acknowledged, is_done
        for number in range(1, WRITES + 1):
            client = clients[random.randrange(2)]  # noqa: S311
            answer = await client.patch("/api/v1/tasks/1", {"title": str(number)})
            assert answer.status_code == 200
            acknowledged = number
            await asyncio.sleep(0.002)
        is_done = True

    async def read(client: Client, path: str) -> None:
        etag = ""
        seen = 0
        while not is_done:
            least = max(acknowledged, seen)
            answer = await client.get(path, headers={"If-None-Match": etag} if etag else {})
            if answer.status_code == 200:
                body = answer.json()
                seen = int((body["items"][0] if "items" in body else body)["title"])
                etag = answer.headers["etag"]
            else:
                assert answer.status_code == 304
            assert seen >= least

    paths = ("/api/v1/tasks", "/api/v1/tasks/1", "/api/v1/tasks?sort=title&fields=title")
    readers = [read(client, path) for client in clients for path in paths]
    await asyncio.gather(write(), *readers)
    assert acknowledged == WRITES


async def increment_title(client: Client, path: str) -> None:
    """Increment the number in a task's title, with as many attempts as necessary."""
    for attempt in itertools.count():
        # After a conflict each client waits for a random time, as real clients do.
        await asyncio.sleep(random.random() * min(attempt, 10) * 0.05)  # noqa: S311
        seen = await client.get(path)
        title = str(int(seen.json()["title"]) + 1)
        answer = await client.patch(
            path, {"title": title}, headers={"If-Match": seen.headers["etag"]}
        )
        if answer.status_code == 200:
            return
        check_problem(answer, 412, "revision_mismatch")


@pytest.mark.parametrize("cache_in", ["memory"])
async def test_concurrent_writes_with_if_match_lose_no_update(clients: list[Client]) -> None:
    task = await clients[0].create_task(title="0")
    path = f"/api/v1/tasks/{task['id']}"
    await asyncio.gather(
        *(increment_title(clients[number % 2], path) for number in range(COUNTERS))
    )
    assert (await clients[1].get(path)).json()["title"] == str(COUNTERS)
