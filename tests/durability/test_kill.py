"""Servers are killed at random moments while clients write, and started again.

Every acknowledged write has to be there, and the log without gaps or repeats. The moments come
from a seed, which is shown when a test fails; the variable TASKSTEAD_TEST_SEED repeats one.
"""

import asyncio
import os
import random
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import httpx2
import pytest

from taskstead.db.migrate import ensure_migrated
from tests.client import Client
from tests.durability.checks import check_ledger, opened, register, writing
from tests.durability.servers import ServerProcess
from tests.durability.writers import Ledger, State
from tests.law.replica import Replica, check_law
from tests.servers.postgres import PostgresServer, running_postgres

# Acknowledgements in each workspace before the next kill.
MORE_TO_LOSE = 2

pytestmark = pytest.mark.slow
# `make test` kills a few times, `make test-faults` often.
kill_often = pytest.mark.parametrize("kills", [2, pytest.param(10, marks=pytest.mark.faults)])


@pytest.fixture
def chance() -> random.Random:
    """The source of all that is random here."""
    seed = int(os.environ.get("TASKSTEAD_TEST_SEED", time.time_ns() % 1_000_000))
    print(f"TASKSTEAD_TEST_SEED={seed}")  # noqa: T201 - shown when the test fails
    return random.Random(seed)  # noqa: S311


@pytest.fixture
def durable_postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL that waits for the disk, to be killed."""
    with running_postgres(durable=True) as server:
        yield server


async def wait_a_while(ledgers: list[Ledger], chance: random.Random) -> None:
    """Wait until each has something more to lose, and then for a moment that nobody knows."""
    begun = [len(ledger.revisions) for ledger in ledgers]
    async with asyncio.timeout(120):
        while any(  # noqa: ASYNC110 - writers tell nobody
            len(ledger.revisions) - before < MORE_TO_LOSE
            for ledger, before in zip(ledgers, begun, strict=True)
        ):
            await asyncio.sleep(0.005)
    await asyncio.sleep(chance.uniform(0, 0.15))


async def check_over_http(server: ServerProcess, ledger: Ledger, chance: random.Random) -> None:
    """Check that the server tells what the clients know."""
    there = [known for known in ledger.tasks if known.states != [None]]
    async with httpx2.AsyncClient(base_url=server.url, timeout=30) as http:
        client = Client(http, ledger.client.headers)
        for known in chance.sample(there, k=min(5, len(there))):
            answer = await client.get(f"/api/v1/tasks/{known.id}")
            assert answer.status_code == 200, answer.text
            task = answer.json()
            found = State(task["title"], is_trashed=task["deleted_at"] is not None)
            assert [found] == known.states
            assert task["revision"] >= known.revision


async def check_everything(database_url: str, ledgers: list[Ledger], *, least: int) -> None:
    """Check the log against the tables, and that the test has had something to lose."""
    async with opened(database_url) as database:
        for ledger in ledgers:
            await check_ledger(database, ledger)
            await check_law(database, Replica(ledger.workspace_id))
            assert len(ledger.revisions) > least
    unanswered = sum(ledger.unanswered for ledger in ledgers)
    assert unanswered > least, "the kills have cut nothing off"
    acknowledged = sum(len(ledger.revisions) for ledger in ledgers)
    print(f"{acknowledged} writes acknowledged, {unanswered} unanswered")  # noqa: T201


@kill_often
async def test_sqlite_and_a_server_that_is_killed(
    tmp_path: Path, chance: random.Random, kills: int
) -> None:
    url = f"sqlite:///{tmp_path / 'tasks.db'}"
    server = ServerProcess(url, tmp_path)
    try:
        server.start()
        ledgers = [await register(server, name) for name in ("one", "two")]
        for _ in range(kills):
            async with writing(ledgers, server, chance):
                await wait_a_while(ledgers, chance)
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
async def test_sqlite_and_two_servers_on_one_file(
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
            # Both write to both workspaces, and one of them goes on alone.
            async with writing(ledgers, victim, chance), writing(ledgers, other, chance):
                await wait_a_while(ledgers, chance)
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


async def wait_until_left_alone(database_url: str) -> None:
    """Wait until PostgreSQL has noticed that the server is gone, and ended what it was doing."""
    connection = await asyncpg.connect(database_url)
    ours = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'taskstead'"
    try:
        async with asyncio.timeout(60):
            while await connection.fetchval(ours):  # noqa: ASYNC110 - it happens elsewhere
                await asyncio.sleep(0.01)
    finally:
        await connection.close()


@kill_often
async def test_postgresql_and_a_server_that_is_killed(
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
            async with writing(ledgers, server, chance):
                await wait_a_while(ledgers, chance)
                if kind == "server":
                    server.kill()
                else:
                    # In threads: the clients shall notice.
                    await asyncio.to_thread(durable_postgres.kill)
                    await asyncio.to_thread(durable_postgres.start)
            if kind == "server":
                await wait_until_left_alone(url)
                server.start()
            async with opened(url) as database:
                for ledger in ledgers:
                    await check_ledger(database, ledger)
                    # After a kill of the database, by the server that has been running all along.
                    await check_over_http(server, ledger, chance)
        await check_everything(url, ledgers, least=len(kinds))
    finally:
        server.kill()
