"""Outages of the replica under load: no request fails, and no response is too old."""

import asyncio
from collections.abc import Callable

import pytest

from taskstead.db.postgresql.replica import PostgresqlReplica
from tests.harness.client import Client
from tests.harness.servers.replica_pair import Pair, wait_until

pytestmark = pytest.mark.system

TASKS = "/api/v1/tasks"
ROUNDS = 5


class Load:
    """Clients that write, and read their own writes, until stopped."""

    def __init__(self, clients: list[Client]) -> None:
        self.answered = 0
        self._is_over = asyncio.Event()
        self._tasks = [asyncio.create_task(self._ask(client)) for client in clients]

    async def _ask(self, client: Client) -> None:
        while not self._is_over.is_set():
            task = await client.create_task(title="Mine", tags=["one"])
            listed = (await client.get(f"{TASKS}?sort=-number&limit=1")).json()
            assert listed["items"][0]["number"] == task["number"]
            assert (await client.get(f"{TASKS}/{task['id']}")).json()["title"] == "Mine"
            assert (await client.get(f"{TASKS}/stats")).json()["total"] == task["number"]
            assert (await client.get(f"{TASKS}/export")).status_code == 200
            self.answered += 5

    async def wait_until(self, check: Callable[[], bool]) -> None:
        """Wait until a condition holds or a client has failed."""
        await wait_until(lambda: check() or any(task.done() for task in self._tasks))

    async def stop(self) -> None:
        """Stop all clients. Raise the error of a failed one."""
        self._is_over.set()
        await asyncio.gather(*self._tasks)


async def wait_for_reads(load: Load, replica: PostgresqlReplica, result: str) -> None:
    """Wait until more reads had the given result and more requests were answered."""
    reads, answered = replica.reads[result] + 3, load.answered + 50
    await load.wait_until(lambda: replica.reads[result] >= reads and load.answered >= answered)


@pytest.fixture
async def load(pair: Pair, owner: Client) -> Load:
    await pair.catch_up()
    return Load([await owner.register(f"user{number}@example.com") for number in range(5)])


@pytest.mark.parametrize("method", ["stop", "kill"])
async def test_replica_may_stop_and_restart(
    method: str, pair: Pair, owner: Client, replica: PostgresqlReplica, load: Load
) -> None:
    await wait_for_reads(load, replica, "replica")
    await asyncio.to_thread(getattr(pair.standby, method))
    await wait_for_reads(load, replica, "failed")
    assert (await owner.get("/health")).json()["status"] == "degraded"
    await asyncio.to_thread(pair.standby.start)
    await wait_for_reads(load, replica, "replica")
    await load.stop()
    assert (await owner.get("/health")).json()["status"] == "ok"


async def test_replica_may_lag_and_catch_up(
    pair: Pair, replica: PostgresqlReplica, load: Load
) -> None:
    # This replica is never considered unavailable, however slow the machine is.
    replica.start_seconds = 60
    for _ in range(ROUNDS):
        await wait_for_reads(load, replica, "replica")
        await asyncio.to_thread(pair.pause)
        await wait_for_reads(load, replica, "behind")
        await asyncio.to_thread(pair.standby.run_sql, "SELECT pg_wal_replay_resume()")
    await load.stop()
    assert replica.reads["failed"] == 0


async def test_replica_that_hangs_is_abandoned(
    pair: Pair, owner: Client, replica: PostgresqlReplica, load: Load
) -> None:
    await wait_for_reads(load, replica, "replica")
    pair.standby.freeze()
    try:
        await wait_for_reads(load, replica, "failed")
        assert (await owner.get("/health")).json()["status"] == "degraded"
    finally:
        pair.standby.thaw()
    await wait_for_reads(load, replica, "replica")
    await load.stop()
