"""Clients that write and read in a loop and record the results.

A write without a response is repeated with its Idempotency-Key until there is one, as described
in docs/how-to/retries.md. So each write is acknowledged exactly once. Tests assert on the failures
that occurred before.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2

from taskstead.ids import make_id
from tests.harness.client import Client

SECONDS = 300.0
_PAUSE = 0.02


class Load:
    """Concurrent clients.

    Attributes:
        titles: the titles of tasks that were acknowledged as created, and then as changed.
        failures: descriptions of failed requests.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self.titles: list[str] = []
        self.failures: list[str] = []
        self._is_over = False
        self._wanted = 0
        self._is_reached = asyncio.Event()
        self._may_repeat = asyncio.Event()
        self._may_repeat.set()

    async def run_client(self, name: str) -> None:
        """Create a task, change it and read it, repeatedly."""
        number = 0
        while not self._is_over:
            number += 1
            title = f"{name}-{number}"
            created = await self._ask("POST", "/api/v1/tasks", {"title": title})
            path = f"/api/v1/tasks/{created['id']}"
            changed = await self._ask("PATCH", path, {"title": f"{title}!"})
            read = await self._ask("GET", path)
            assert read["title"] == changed["title"] == f"{title}!"
            self.titles.append(read["title"])
            if len(self.titles) >= self._wanted:
                self._is_reached.set()

    async def _ask(
        self, method: str, path: str, body: dict[str, str] | None = None
    ) -> dict[str, str]:
        headers = {**self._client.headers, "Idempotency-Key": make_id()}
        while True:
            try:
                answer = await self._client.http.request(method, path, json=body, headers=headers)
            except httpx2.TransportError as error:
                self.failures.append(f"{method}: {error!r}")
            else:
                if answer.is_success:
                    found: dict[str, str] = answer.json()
                    return found
                # An interrupted request may still run for a moment. The response then asks for a
                # retry.
                if "request_under_way" not in answer.text:
                    self.failures.append(f"{method}: {answer.status_code} {answer.text}")
            await asyncio.sleep(_PAUSE)
            await self._may_repeat.wait()

    async def wait_for(self, more: int) -> None:
        """Wait until the given number of further tasks was created, changed and read."""
        self._wanted = len(self.titles) + more
        self._is_reached.clear()
        async with asyncio.timeout(SECONDS):
            await self._is_reached.wait()

    @asynccontextmanager
    async def without_repeats(self) -> AsyncIterator[None]:
        """Delay the repetition of failed requests until the end of the block."""
        self._may_repeat.clear()
        try:
            yield
        finally:
            self._may_repeat.set()

    def end(self) -> None:
        """Let the clients stop after their current task."""
        self._is_over = True

    async def check_nothing_lost(self) -> None:
        """Check that each acknowledged task is stored exactly once, and that no other task is."""
        found: list[str] = []
        query = "/api/v1/tasks?limit=200"
        cursor = ""
        while True:
            page = (await self._client.get(query + cursor)).json()
            found += [task["title"] for task in page["items"]]
            if page["next_cursor"] is None:
                break
            cursor = f"&cursor={page['next_cursor']}"
        assert sorted(found) == sorted(self.titles)


@asynccontextmanager
async def under_load(client: Client, clients: int) -> AsyncIterator[Load]:
    """Run the given number of clients during the block."""
    load = Load(client)
    async with asyncio.TaskGroup() as group:
        for number in range(clients):
            group.create_task(load.run_client(f"client {number}"))
        try:
            yield load
        finally:
            load.end()
