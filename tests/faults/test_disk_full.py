"""There is no more room for the SQLite file while clients read and write; then there is again."""

import asyncio
import random
import resource
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path

import httpx2
import pytest

from taskstead.db.migrate import ensure_migrated
from taskstead.services.bulk_process import CHUNK
from tests.bulk.test_processing import PATH, create_many
from tests.client import Client
from tests.db.test_sqlite_trouble import small_disk
from tests.durability.checks import register
from tests.durability.servers import ServerProcess
from tests.durability.writers import PATIENCE_SECONDS
from tests.faults.load import (
    Tally,
    check_nothing_lost,
    loading,
    wait_for_refusals,
    wait_for_writes,
)
from tests.jobs.waiting import wait_for_job

TIMES = 4
DISK_BYTES = 32 << 20
# Less than the tables take when they are empty, and more than the server says.
FILE_BYTES = 100_000
COUNT = 3 * CHUNK
# A job is taken up again after that, when the worker could not even write that it cannot write.
SETTINGS = {"job_lease_seconds": "1", "job_poll_seconds": "0.05"}

Room = Callable[[], AbstractContextManager[None]]

pytestmark = [pytest.mark.faults, pytest.mark.slow]


class Trouble:
    """What happens to a server on a file, and to its clients.

    Args:
        server: not started yet.
        no_room: takes all the room for the length of a block.
    """

    def __init__(self, server: ServerProcess, no_room: Room, chance: random.Random) -> None:
        self._server = server
        self._no_room = no_room
        self._chance = chance

    async def make(self, url: str, code: str) -> None:
        """Take the room and give it back under load; the refusals have this code."""
        tally = Tally()
        ledgers = [await register(self._server, name) for name in ("one", "two")]
        busy = await register(self._server, "busy")
        async with httpx2.AsyncClient(base_url=self._server.url, timeout=PATIENCE_SECONDS) as http:
            client = Client(http, busy.client.headers)
            await create_many(client, COUNT, due_date="2026-12-01")
            async with loading(ledgers, [self._server], tally, self._chance):
                await wait_for_writes(ledgers)
                action = {"filter": {}, "action": "shift_due_dates", "days": 1}
                started = await client.post(PATH, action)
                for _ in range(TIMES):
                    with self._no_room():
                        await wait_for_refusals(tally)
                        await self._check_meanwhile(client, tally, code)
                    await wait_for_writes(ledgers)
                job = await wait_for_job(client, started)
            # In the midst of a chunk or not: each task has been shifted once.
            assert (job["state"], job["done"], job["failed"]) == ("done", COUNT, 0), job
            shifted = await client.get("/api/v1/tasks/stats?due_on=2026-12-02")
            assert shifted.json()["total"] == COUNT
        tally.expect(200, 201, 503)
        assert await check_nothing_lost(url, ledgers) > TIMES * 40
        # Nor once it is opened anew, from what is on the disk.
        self._server.kill()
        await check_nothing_lost(url, ledgers)
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]

    async def _check_meanwhile(self, client: Client, tally: Tally, code: str) -> None:
        # While all writes are refused, 200 is the answer to reads alone.
        goal = tally.statuses[200] + 20
        async with asyncio.timeout(PATIENCE_SECONDS):
            while tally.statuses[200] < goal:  # noqa: ASYNC110 - it happens elsewhere
                await asyncio.sleep(0.01)
        refused = await client.post("/api/v1/tasks", {"title": "x", "description": "x" * 20_000})
        assert (refused.status_code, refused.json()["code"]) == (503, code), refused.text
        assert (await client.get("/health")).json()["status"] == "ok"


async def test_a_full_disk(tmp_path: Path, chance: random.Random) -> None:
    with small_disk(tmp_path / "disk", DISK_BYTES) as folder:
        url = f"sqlite:///{folder / 'tasks.db'}"
        await ensure_migrated(url)
        # Its log lies there too, as it may.
        server = ServerProcess(url, folder, **SETTINGS)

        @contextmanager
        def fill_disk() -> Iterator[None]:
            ballast = folder / "ballast"
            with ballast.open("wb", buffering=0) as file:
                for size in (1 << 16, 1 << 12, 1):
                    try:
                        while file.write(bytes(size)) == size:
                            pass
                    except OSError:
                        continue
            yield
            ballast.unlink()

        try:
            server.start()
            await Trouble(server, fill_disk, chance).make(url, "database_full")
        finally:
            server.kill()


async def test_files_that_may_not_grow(tmp_path: Path, chance: random.Random) -> None:
    """As with a full disk, but where nothing can be mounted, and with an error that says less."""
    url = f"sqlite:///{tmp_path / 'tasks.db'}"
    await ensure_migrated(url)
    server = ServerProcess(url, tmp_path, **SETTINGS)

    @contextmanager
    def limit_files() -> Iterator[None]:
        before = resource.prlimit(server.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (FILE_BYTES, before[1]))
        yield
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, before)

    try:
        server.start()
        await Trouble(server, limit_files, chance).make(url, "database_unavailable")
    finally:
        server.kill()
