"""Load on a server during a fault: writers, readers, and a record of their responses.

A write is lost if it was acknowledged and is not stored (checked by
``tests/system/durability/checks.py``). A response is wrong if it is neither the requested content
nor a complete problem document, or if it is older than a write that was acknowledged before the
request.
"""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx2

from tests.harness.client import Client
from tests.integration.log.replica import Replica, check_change_log
from tests.system.durability.checks import Served, check_ledger, opened, running_writers
from tests.system.durability.writers import PAUSE_SECONDS, TIMEOUT_SECONDS, Ledger

_RETRYABLE = (429, 503)


class Address:
    """A server at a port, for functions that need only its URL.

    Attributes:
        url: the base URL.
    """

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"


class Tally:
    """The responses of a test.

    Args:
        allowed: the error statuses that are correct during the fault.

    Attributes:
        statuses: the number of responses by status.
        wrong: descriptions of the wrong responses.
    """

    def __init__(self, *allowed: int) -> None:
        self._allowed = allowed or (503,)
        self.statuses: Counter[int] = Counter()
        self.wrong: list[str] = []

    def record(self, answer: httpx2.Response) -> None:
        """Count a response, and check that an error is a complete problem document."""
        self.statuses[answer.status_code] += 1
        if not answer.is_success and not self._is_complete_problem(answer):
            self.wrong.append(f"{answer.request.url} {answer.status_code} {answer.text[:300]}")

    def expect(self, *statuses: int) -> None:
        """Check that no response was wrong, and that each of these statuses occurred."""
        print(f"responses by status: {dict(self.statuses)}, wrong: {len(self.wrong)}")  # noqa: T201
        assert not self.wrong, f"{len(self.wrong)} wrong responses: {self.wrong[:5]}"
        for status in statuses:
            assert self.statuses[status], f"no response with {status}"

    def _is_complete_problem(self, answer: httpx2.Response) -> bool:
        if answer.status_code not in self._allowed:
            return False
        if answer.headers["content-type"] != "application/problem+json":
            return False
        problem = answer.json()
        retry_after = int(answer.headers.get("retry-after", 0))
        is_complete = bool(problem["code"] and problem["detail"])
        return is_complete and (answer.status_code not in _RETRYABLE or retry_after >= 1)


class Reader:
    """Reads the tasks of a ledger, and detects wrong or stale responses."""

    def __init__(self, ledger: Ledger, tally: Tally, chance: random.Random) -> None:
        self._ledger = ledger
        self._tally = tally
        self._chance = chance

    async def read(self, base_url: str, stop: asyncio.Event) -> None:
        """Read one task and list the newest, until stopped or the server is unreachable."""
        async with httpx2.AsyncClient(base_url=base_url, timeout=TIMEOUT_SECONDS) as http:
            client = Client(http, self._ledger.client.headers)
            while not stop.is_set():
                try:
                    await self._read_one(client)
                    await self._list(client)
                except httpx2.TransportError:
                    return

    async def _read_one(self, client: Client) -> None:
        known = [known for known in self._ledger.tasks if known.revision]
        if not known:
            await asyncio.sleep(PAUSE_SECONDS)
            return
        one = self._chance.choice(known)
        least = one.revision
        answer = await client.get(f"/api/v1/tasks/{one.id}")
        self._tally.record(answer)
        if answer.is_success:
            task = answer.json()
            if task["id"] != one.id:
                self._tally.wrong.append(f"requested {one.id}, but got {task}")
            self._compare([task], {one.id: least})
            # A writer may have changed the task since. The title then belongs to the next revision.
            (state, *_) = one.states
            if task["revision"] == one.revision and state and task["title"] != state.title:
                self._tally.wrong.append(f"acknowledged {state}, but got {task}")

    async def _list(self, client: Client) -> None:
        least = {known.id: known.revision for known in self._ledger.tasks}
        answer = await client.get("/api/v1/tasks?deleted=include&sort=-created_at&limit=20")
        self._tally.record(answer)
        if answer.is_success:
            self._compare(answer.json()["items"], least)
        else:
            await asyncio.sleep(PAUSE_SECONDS)

    def _compare(self, tasks: list[dict[str, Any]], least: dict[str, int]) -> None:
        for task in tasks:
            if task["revision"] < least.get(task["id"], 0):
                self._tally.wrong.append(f"older than revision {least[task['id']]}: {task}")


@asynccontextmanager
async def running_load(
    ledgers: list[Ledger],
    servers: Iterable[Served],
    tally: Tally,
    chance: random.Random,
    *,
    writers: int = 4,
) -> AsyncIterator[None]:
    """Run writers, and half as many readers, for each ledger and server during the block."""
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group, AsyncExitStack() as stack:
        for server in servers:
            work = running_writers(ledgers, server, chance, writers=writers, look=tally.record)
            await stack.enter_async_context(work)
            for ledger in ledgers * max(1, writers // 2):
                group.create_task(Reader(ledger, tally, chance).read(server.url, stop))
        try:
            yield
        finally:
            stop.set()


async def wait_for_writes(ledgers: list[Ledger], count: int = 20) -> None:
    """Wait until the given number of further writes of each ledger is acknowledged."""
    goals = [len(ledger.revisions) + count for ledger in ledgers]
    async with asyncio.timeout(TIMEOUT_SECONDS):
        while any(  # noqa: ASYNC110 - no event to wait for
            len(one.revisions) < goal for one, goal in zip(ledgers, goals, strict=True)
        ):
            await asyncio.sleep(0.01)


async def wait_for_rejections(tally: Tally, status: int = 503, count: int = 20) -> None:
    """Wait until the given number of further requests has been rejected."""
    goal = tally.statuses[status] + count
    async with asyncio.timeout(TIMEOUT_SECONDS):
        while tally.statuses[status] < goal:  # noqa: ASYNC110 - no event to wait for
            await asyncio.sleep(0.01)


async def check_nothing_lost(database_url: str, ledgers: list[Ledger]) -> int:
    """Check the database against the acknowledged writes. Return their number."""
    async with opened(database_url) as database:
        for ledger in ledgers:
            await check_ledger(database, ledger)
            await check_change_log(database, Replica(ledger.workspace_id))
    count = sum(len(ledger.revisions) for ledger in ledgers)
    print(f"{count} writes acknowledged, 0 lost")  # noqa: T201
    return count
