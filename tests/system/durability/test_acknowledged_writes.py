"""Servers are killed at random times while clients write, and restarted.

Every acknowledged write must be stored, and the log must have no gaps or duplicates. The times
derive from a seed, which a failing test prints. The variable TASKSTEAD_TEST_SEED repeats a run.
"""

import asyncio
import random
from pathlib import Path

import asyncpg
import httpx2
import pytest

from taskstead.db.migrate import ensure_migrated
from tests.harness.client import Client
from tests.harness.servers.postgres import PostgresServer
from tests.integration.log.replica import Replica, check_change_log
from tests.system.durability.checks import check_ledger, opened, register, running_writers
from tests.system.durability.servers import ServerProcess
from tests.system.durability.writers import Ledger, State

# Acknowledged writes in each workspace before the next kill.
WRITES_BEFORE_KILL = 2

# `make test` kills a few times, `make test-system` often.
kill_often = pytest.mark.parametrize("kills", [2, pytest.param(10, marks=pytest.mark.system)])


async def wait_for_writes(ledgers: list[Ledger], chance: random.Random) -> None:
    """Wait until each ledger has more acknowledged writes, and then for a random time."""
    begun = [len(ledger.revisions) for ledger in ledgers]
    async with asyncio.timeout(120):
        while any(  # noqa: ASYNC110 - no event to wait for
            len(ledger.revisions) - before < WRITES_BEFORE_KILL
            for ledger, before in zip(ledgers, begun, strict=True)
        ):
            await asyncio.sleep(0.005)
    await asyncio.sleep(chance.uniform(0, 0.15))


async def check_over_http(server: ServerProcess, ledger: Ledger, chance: random.Random) -> None:
    """Check over HTTP that the server returns what the clients have recorded."""
    stored = [known for known in ledger.tasks if known.states != [None]]
    async with httpx2.AsyncClient(base_url=server.url, timeout=30) as http:
        client = Client(http, ledger.client.headers)
        for known in chance.sample(stored, k=min(5, len(stored))):
            answer = await client.get(f"/api/v1/tasks/{known.id}")
            assert answer.status_code == 200, answer.text
            task = answer.json()
            found = State(task["title"], is_trashed=task["deleted_at"] is not None)
            assert [found] == known.states
            assert task["revision"] >= known.revision


async def check_everything(database_url: str, ledgers: list[Ledger], *, least: int) -> None:
    """Check the log against the tables, and that the kills interrupted some requests."""
    async with opened(database_url) as database:
        for ledger in ledgers:
            await check_ledger(database, ledger)
            await check_change_log(database, Replica(ledger.workspace_id))
            assert len(ledger.revisions) > least
    unanswered = sum(ledger.unanswered for ledger in ledgers)
    assert unanswered > least, "no kill interrupted a request"
    acknowledged = sum(len(ledger.revisions) for ledger in ledgers)
    print(f"{acknowledged} writes acknowledged, {unanswered} unanswered")  # noqa: T201


@kill_often
async def test_killed_server_on_sqlite_loses_no_write(
    tmp_path: Path, chance: random.Random, kills: int
) -> None:
    url = f"sqlite:///{tmp_path / 'tasks.db'}"
    server = ServerProcess(url, tmp_path)
    try:
        server.start()
        ledgers = [await register(server, name) for name in ("one", "two")]
        for _ in range(kills):
            async with running_writers(ledgers, server, chance):
                await wait_for_writes(ledgers, chance)
                server.kill()
            server.start()
            async with opened(url) as database:
                for ledger in ledgers:
                    await check_ledger(database, ledger)
                    await check_over_http(server, ledger, chance)
        await check_everything(url, ledgers, least=kills)
    finally:
        server.kill()


@kill_often
async def test_one_killed_server_of_two_loses_no_write(
    tmp_path: Path, chance: random.Random, kills: int
) -> None:
    url = f"sqlite:///{tmp_path / 'tasks.db'}"
    servers = [ServerProcess(url, tmp_path) for _ in range(2)]
    try:
        for server in servers:
            server.start()
        ledgers = [await register(servers[0], name) for name in ("one", "two")]
        for _ in range(kills):
            victim, other = chance.sample(servers, k=2)
            # Both servers write to both workspaces. One of them keeps running.
            async with (
                running_writers(ledgers, victim, chance),
                running_writers(ledgers, other, chance),
            ):
                await wait_for_writes(ledgers, chance)
                victim.kill()
                await asyncio.sleep(0.1)
            async with opened(url) as database:
                for ledger in ledgers:
                    await check_ledger(database, ledger)
                    await check_over_http(other, ledger, chance)
            victim.start()
        await check_everything(url, ledgers, least=kills)
    finally:
        for server in servers:
            server.kill()


async def wait_until_disconnected(database_url: str) -> None:
    """Wait until PostgreSQL has noticed the end of the server, and ended its transactions."""
    connection = await asyncpg.connect(database_url)
    ours = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'taskstead'"
    try:
        async with asyncio.timeout(60):
            while await connection.fetchval(ours):  # noqa: ASYNC110 - no event to wait for
                await asyncio.sleep(0.01)
    finally:
        await connection.close()


@kill_often
async def test_killed_servers_on_postgresql_lose_no_write(
    tmp_path: Path, chance: random.Random, durable_postgres: PostgresServer, kills: int
) -> None:
    url = durable_postgres.create_database("tasks")
    await ensure_migrated(url)
    server = ServerProcess(url, tmp_path)
    kinds = ["server", "database"] * (kills // 2)
    chance.shuffle(kinds)
    try:
        server.start()
        ledgers = [await register(server, name) for name in ("one", "two")]
        for kind in kinds:
            async with running_writers(ledgers, server, chance):
                await wait_for_writes(ledgers, chance)
                if kind == "server":
                    server.kill()
                else:
                    # In threads, so that the clients notice the kill.
                    await asyncio.to_thread(durable_postgres.kill)
                    await asyncio.to_thread(durable_postgres.start)
            if kind == "server":
                await wait_until_disconnected(url)
                server.start()
            async with opened(url) as database:
                for ledger in ledgers:
                    await check_ledger(database, ledger)
                    # After a kill of the database, check over the server that kept running.
                    await check_over_http(server, ledger, chance)
        await check_everything(url, ledgers, least=len(kinds))
    finally:
        server.kill()
