"""PostgreSQL restarts, cuts connections or has none left, while clients read and write."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import httpx2
import pytest

from taskstead.db.migrate import ensure_migrated
from tests.harness.client import Client
from tests.harness.servers.postgres import PostgresServer
from tests.integration.observability.scraping import TOKEN, scrape
from tests.system.durability.checks import register
from tests.system.durability.servers import ServerProcess
from tests.system.durability.writers import TIMEOUT_SECONDS, Ledger
from tests.system.faults.load import (
    Tally,
    check_nothing_lost,
    running_load,
    wait_for_rejections,
    wait_for_writes,
)

RESTARTS = 4
CUTS = 40
SETTINGS = {"database_pool_size": "4", "metrics_token": TOKEN}

_OURS = "FROM pg_stat_activity WHERE application_name = 'taskstead'"

pytestmark = pytest.mark.system


@asynccontextmanager
async def serving(
    postgres: PostgresServer, folder: Path, **changes: str
) -> AsyncIterator[tuple[ServerProcess, str]]:
    """Run a server on a new database. Yield it and the URL of the database."""
    url = postgres.create_database("tasks")
    await ensure_migrated(url)
    server = ServerProcess(url, folder, **SETTINGS, **changes)
    try:
        server.start()
        yield server, url
    finally:
        server.kill()


async def check_idle(server: ServerProcess, url: str) -> None:
    """Wait until no connection is in use, awaited or in a transaction, and none is left over."""
    # The commit listener has one more.
    most = int(SETTINGS["database_pool_size"]) + 1
    connection = await asyncpg.connect(url)
    try:
        async with (
            httpx2.AsyncClient(base_url=server.url, timeout=TIMEOUT_SECONDS) as http,
            asyncio.timeout(TIMEOUT_SECONDS),
        ):
            while not (  # noqa: ASYNC110 - no event to wait for
                (await scrape(Client(http))).is_idle()
                and not await connection.fetchval(
                    f"SELECT count(*) {_OURS} AND state ~ 'transaction'"
                )
                and await connection.fetchval(f"SELECT count(*) {_OURS}") <= most
            ):
                await asyncio.sleep(0.05)
    finally:
        await connection.close()


async def test_restart_of_postgresql_loses_no_write(
    durable_postgres: PostgresServer, tmp_path: Path, chance: random.Random
) -> None:
    tally = Tally()
    async with serving(durable_postgres, tmp_path) as (server, url):
        ledgers = [await register(server, name) for name in ("one", "two")]
        async with running_load(ledgers, [server], tally, chance):
            for _ in range(RESTARTS):
                await wait_for_writes(ledgers)
                # In threads, so that the clients notice it.
                await asyncio.to_thread(durable_postgres.stop)
                await wait_for_rejections(tally)
                await asyncio.to_thread(durable_postgres.start)
            await wait_for_writes(ledgers)
        await check_idle(server, url)
        tally.expect(200, 201, 503)
        assert await check_nothing_lost(url, ledgers) > RESTARTS * 40


async def test_terminated_connections_lose_no_write(
    durable_postgres: PostgresServer, tmp_path: Path, chance: random.Random
) -> None:
    tally = Tally()
    async with serving(durable_postgres, tmp_path) as (server, url):
        ledgers = [await register(server, name) for name in ("one", "two")]
        outside = await asyncpg.connect(url)
        cut = 0
        async with running_load(ledgers, [server], tally, chance):
            for _ in range(CUTS):
                await wait_for_writes(ledgers[:1], count=1)
                cut += await outside.fetchval(f"SELECT count(pg_terminate_backend(pid)) {_OURS}")
                await asyncio.sleep(chance.uniform(0, 0.05))
            await wait_for_writes(ledgers)
        await outside.close()
        await check_idle(server, url)
        print(f"{cut} connections cut")  # noqa: T201
        tally.expect(200, 201, 503)
        assert cut > CUTS
        assert await check_nothing_lost(url, ledgers) > CUTS


async def list_repeatedly(ledger: Ledger, url: str, tally: Tally, seconds: float) -> None:
    """List tasks repeatedly, as one of many clients that wait for their responses."""
    end = asyncio.get_running_loop().time() + seconds
    async with httpx2.AsyncClient(base_url=url, timeout=TIMEOUT_SECONDS) as http:
        while asyncio.get_running_loop().time() < end:
            tally.record(await Client(http, ledger.client.headers).get("/api/v1/tasks"))


async def test_requests_fail_only_while_connections_are_blocked(
    durable_postgres: PostgresServer, tmp_path: Path, chance: random.Random
) -> None:
    tally = Tally()
    bounds = {"database_wait_seconds": "0.5", "database_queue_seconds": "2"}
    async with serving(durable_postgres, tmp_path, **bounds) as (server, url):
        ledgers = [await register(server, name) for name in ("one", "two")]
        outside = await asyncpg.connect(url)
        async with running_load(ledgers, [server], tally, chance, writers=20):
            await wait_for_writes(ledgers)
            held = outside.transaction()
            await held.start()
            # Writers of this workspace wait for the lock with a connection each, so all connections
            # are soon in use.
            await outside.execute(
                "SELECT id FROM workspaces WHERE id = $1 FOR UPDATE", ledgers[0].workspace_id
            )
            readers = (list_repeatedly(ledgers[1], server.url, tally, 2) for _ in range(30))
            await asyncio.gather(*readers)
            await wait_for_rejections(tally)
            await held.rollback()
            await wait_for_writes(ledgers)
        await outside.close()
        await check_idle(server, url)
        tally.expect(200, 201, 503)
        await check_nothing_lost(url, ledgers)
