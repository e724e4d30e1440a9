"""A replica that lags, goes and comes back under load: no answer fails, and none is too old."""

import asyncio
from collections.abc import Callable

import pytest

from taskstead.db.replica import Replica
from tests.client import Client
from tests.replica.conftest import Pair, wait_until

pytestmark = pytest.mark.faults

TASKS = "/api/v1/tasks"
ROUNDS = 5


class Load:
    """Clients that write, and read what they have written, until told to stop."""

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
        """Wait until something is so, or a client has failed."""
        await wait_until(lambda: check() or any(task.done() for task in self._tasks))

    async def stop(self) -> None:
        """Have all end; raise what has failed."""
        self._is_over.set()
        await asyncio.gather(*self._tasks)


async def see_more(load: Load, replica: Replica, result: str) -> None:
    """Wait until more reads had this result and more requests were answered since."""
    reads, answered = replica.reads[result] + 3, load.answered + 50
    await load.wait_until(lambda: replica.reads[result] >= reads and load.answered >= answered)


@pytest.fixture
async def load(pair: Pair, owner: Client) -> Load:
    await pair.catch_up()
    return Load([await owner.register(f"user{number}@example.com") for number in range(5)])


@pytest.mark.parametrize("way", ["stop", "kill"])
async def test_a_replica_may_go_and_come_back(
    way: str, pair: Pair, owner: Client, replica: Replica, load: Load
) -> None:
    await see_more(load, replica, "replica")
    await asyncio.to_thread(getattr(pair.standby, way))
    await see_more(load, replica, "failed")
    assert (await owner.get("/health")).json()["status"] == "degraded"
    await asyncio.to_thread(pair.standby.start)
    await see_more(load, replica, "replica")
    await load.stop()
    assert (await owner.get("/health")).json()["status"] == "ok"


async def test_a_replica_may_fall_behind_and_catch_up(
    pair: Pair, replica: Replica, load: Load
) -> None:
    # However slow the machine is, this one never goes.
    replica.start_seconds = 60
    for _ in range(ROUNDS):
        await see_more(load, replica, "replica")
        await asyncio.to_thread(pair.pause)
        await see_more(load, replica, "behind")
        await asyncio.to_thread(pair.standby.run_sql, "SELECT pg_wal_replay_resume()")
    await load.stop()
    assert replica.reads["failed"] == 0


async def test_a_replica_that_hangs_is_given_up(
    pair: Pair, owner: Client, replica: Replica, load: Load
) -> None:
    await see_more(load, replica, "replica")
    pair.standby.freeze()
    try:
        await see_more(load, replica, "failed")
        assert (await owner.get("/health")).json()["status"] == "degraded"
    finally:
        pair.standby.thaw()
    await see_more(load, replica, "replica")
    await load.stop()
