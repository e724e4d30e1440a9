"""Redis is flushed, frozen and stopped while clients read and write through two processes."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from pathlib import Path

import httpx2
import pytest

from taskstead.clock import get_now
from tests.harness.client import Client
from tests.harness.servers.valkey import ValkeyServer, running_valkey
from tests.harness.settings import RATE_LIMITS
from tests.system.durability.checks import register
from tests.system.durability.servers import ServerProcess
from tests.system.durability.writers import TIMEOUT_SECONDS, Ledger
from tests.system.faults.load import (
    Tally,
    check_nothing_lost,
    running_load,
    wait_for_writes,
)

SEARCHES = 5
FLUSHES = 10
FREEZES = 2
STOPS = 2
SETTINGS = {
    **dict.fromkeys(RATE_LIMITS, "999999999/day"),
    "rate_limits": "true",
    "rate_limit_search": f"{SEARCHES}/day",
    "database_wait_seconds": "60",
}

pytestmark = pytest.mark.system


class Monitor:
    """A client that exceeds the search limit, and observes the health of the servers.

    Args:
        servers: a client of each server.
        valkey: the Valkey server that they share.
    """

    def __init__(self, servers: list[Client], valkey: ValkeyServer) -> None:
        self._servers = servers
        self._valkey = valkey
        self.tally = Tally(429)
        self._begun_on = get_now().date()
        self._allowed_alone = [0 for _ in servers]

    def _count_most(self) -> int:
        """Return the number of searches that one counter may have allowed since the beginning."""
        days = (get_now().date() - self._begun_on).days + 1
        return SEARCHES * days

    async def count_allowed(self, *servers: Client) -> int:
        """Search at these servers in turn, more often than allowed.

        Return the number of allowed searches.
        """
        allowed = 0
        for server in servers * (4 * SEARCHES // len(servers)):
            answer = await server.get("/api/v1/tasks?q=nothing")
            self.tally.record(answer)
            allowed += answer.status_code == 200
        return allowed

    async def wait_for_health(self, *wanted: str) -> None:
        """Wait until every server reports this status of itself and of Redis.

        It must return 200 throughout.
        """
        async with asyncio.timeout(TIMEOUT_SECONDS):
            while True:
                asked = (server.get("/health") for server in self._servers)
                answers = await asyncio.gather(*asked)
                assert {answer.status_code for answer in answers} == {200}
                health = [answer.json() for answer in answers]
                if all((one["status"], one["redis"]) == wanted for one in health):
                    return

    async def wait_until_used(self) -> None:
        """Wait until the cache has more entries than now."""
        before = await self._count_keys()
        async with asyncio.timeout(TIMEOUT_SECONDS):
            while await self._count_keys() <= before:  # noqa: ASYNC110 - no event to wait for
                await asyncio.sleep(0.05)

    async def _count_keys(self) -> int:
        return int((await asyncio.to_thread(self._valkey.send, "DBSIZE")).removeprefix(":"))

    async def check_limit(self) -> None:
        """Check that the counter starts at zero and is bounded.

        On a busy machine Redis may be too slow for a server. The server then uses its own counter
        once, and tries Redis again a moment later.
        """
        allowed = 0
        async with asyncio.timeout(TIMEOUT_SECONDS):
            while allowed < SEARCHES:
                allowed += await self.count_allowed(*self._servers)
        assert allowed <= (1 + len(self._servers)) * self._count_most()

    async def run_flushes(self, ledgers: list[Ledger]) -> None:
        """Flush Redis repeatedly."""
        await self.check_limit()
        for _ in range(FLUSHES):
            await asyncio.to_thread(self._valkey.send, "FLUSHALL")
            await wait_for_writes(ledgers, count=1)
        await self.wait_until_used()
        await self.check_limit()

    async def run_freezes(self, ledgers: list[Ledger]) -> None:
        """Freeze Redis, so that it answers late.

        A late answer must not be used for another command.
        """
        for _ in range(FREEZES):
            with self._valkey.frozen():
                await wait_for_writes(ledgers, count=5)
                await self.wait_for_health("degraded", "unavailable")
            await self.wait_for_health("ok", "ok")
            await self.wait_until_used()

    async def run_stops(self, ledgers: list[Ledger]) -> None:
        """Stop Redis, and restart it with old data."""
        for _ in range(STOPS):
            await asyncio.to_thread(self._valkey.stop)
            # A server's own counter starts at zero, and keeps its count afterwards.
            for number, server in enumerate(self._servers):
                self._allowed_alone[number] += await self.count_allowed(server)
                assert self._allowed_alone[number] <= self._count_most()
            await self.wait_for_health("degraded", "unavailable")
            await wait_for_writes(ledgers)
            await asyncio.to_thread(self._valkey.start)
            await self.wait_for_health("ok", "ok")
            await self.wait_until_used()
            await self.check_limit()


@asynccontextmanager
async def monitoring(
    ledger: Ledger, servers: list[ServerProcess], valkey: ValkeyServer
) -> AsyncIterator[Monitor]:
    """Yield a monitor of the servers."""
    async with AsyncExitStack() as stack:
        clients = []
        for server in servers:
            http = httpx2.AsyncClient(base_url=server.url, timeout=TIMEOUT_SECONDS)
            await stack.enter_async_context(http)
            clients.append(Client(http, ledger.client.headers))
        yield Monitor(clients, valkey)


@pytest.mark.engines("postgresql")
async def test_faults_of_redis_fail_no_request(
    database_url: str, tmp_path: Path, chance: random.Random
) -> None:
    tally = Tally()
    with ExitStack() as stack:
        valkey = stack.enter_context(running_valkey())
        changes = {**SETTINGS, "redis_url": valkey.url}
        servers = [ServerProcess(database_url, tmp_path, **changes) for _ in range(2)]
        for server in servers:
            stack.callback(server.kill)
            server.start()
        ledgers = [await register(servers[0], name) for name in ("one", "two")]
        searcher = await register(servers[0], "searcher")
        async with (
            monitoring(searcher, servers, valkey) as monitor,
            running_load(ledgers, servers, tally, chance, writers=2),
        ):
            await wait_for_writes(ledgers)
            assert valkey.send("SAVE") == "+OK"
            await monitor.run_flushes(ledgers)
            await monitor.run_freezes(ledgers)
            await monitor.run_stops(ledgers)
            await wait_for_writes(ledgers)
        monitor.tally.expect(200, 429)
        tally.expect(200, 201)
        assert tally.statuses.keys() <= {200, 201, 204}, "the server is unaffected"
        await check_nothing_lost(database_url, ledgers)
