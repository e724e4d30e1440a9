"""The disk of the SQLite file is full for a while, while clients read and write."""

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
from taskstead.services.tasks.bulk.process import CHUNK
from tests.harness.client import Client
from tests.integration.db.sqlite.test_faults import small_disk
from tests.integration.jobs.waiting import wait_for_job
from tests.integration.tasks.bulk.test_processing import PATH, create_many
from tests.system.durability.checks import register
from tests.system.durability.servers import ServerProcess
from tests.system.durability.writers import TIMEOUT_SECONDS
from tests.system.faults.load import (
    Tally,
    check_nothing_lost,
    running_load,
    wait_for_rejections,
    wait_for_writes,
)

TIMES = 4
DISK_BYTES = 32 << 20
# Less than the empty tables take, and more than the server logs.
FILE_BYTES = 100_000
COUNT = 3 * CHUNK
# A job whose worker could not store its error is claimed again when the lease expires.
SETTINGS = {"job_lease_seconds": "1", "job_poll_seconds": "0.05"}

Filler = Callable[[], AbstractContextManager[None]]

pytestmark = pytest.mark.system


class DiskFullScenario:
    """A server whose disk becomes full, and its clients.

    Args:
        server: the server, not started yet.
        fill_disk: a context manager that leaves no space on the disk.
    """

    def __init__(self, server: ServerProcess, fill_disk: Filler, chance: random.Random) -> None:
        self._server = server
        self._fill_disk = fill_disk
        self._chance = chance

    async def run(self, url: str, code: str) -> None:
        """Fill the disk and free it again under load. Errors must have this code."""
        tally = Tally()
        ledgers = [await register(self._server, name) for name in ("one", "two")]
        busy = await register(self._server, "busy")
        async with httpx2.AsyncClient(base_url=self._server.url, timeout=TIMEOUT_SECONDS) as http:
            client = Client(http, busy.client.headers)
            await create_many(client, COUNT, due_date="2026-12-01")
            async with running_load(ledgers, [self._server], tally, self._chance):
                await wait_for_writes(ledgers)
                action = {"filter": {}, "action": "shift_due_dates", "days": 1}
                started = await client.post(PATH, action)
                for _ in range(TIMES):
                    with self._fill_disk():
                        await wait_for_rejections(tally)
                        await self._check_during_fault(client, tally, code)
                    await wait_for_writes(ledgers)
                job = await wait_for_job(client, started)
            # A chunk may have been interrupted, but each task has been shifted once.
            assert (job["state"], job["done"], job["failed"]) == ("done", COUNT, 0), job
            shifted = await client.get("/api/v1/tasks/stats?due_on=2026-12-02")
            assert shifted.json()["total"] == COUNT
        tally.expect(200, 201, 503)
        assert await check_nothing_lost(url, ledgers) > TIMES * 40
        # Check the stored data again, without the server.
        self._server.kill()
        await check_nothing_lost(url, ledgers)
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]

    async def _check_during_fault(self, client: Client, tally: Tally, code: str) -> None:
        # All writes are rejected now, so every 200 is a successful read.
        goal = tally.statuses[200] + 20
        async with asyncio.timeout(TIMEOUT_SECONDS):
            while tally.statuses[200] < goal:  # noqa: ASYNC110 - no event to wait for
                await asyncio.sleep(0.01)
        refused = await client.post("/api/v1/tasks", {"title": "x", "description": "x" * 20_000})
        assert (refused.status_code, refused.json()["code"]) == (503, code), refused.text
        assert (await client.get("/health")).json()["status"] == "ok"


async def test_full_disk_rejects_only_writes(tmp_path: Path, chance: random.Random) -> None:
    with small_disk(tmp_path / "disk", DISK_BYTES) as folder:
        url = f"sqlite:///{folder / 'tasks.db'}"
        await ensure_migrated(url)
        # The server's log may be on the same disk.
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
            await DiskFullScenario(server, fill_disk, chance).run(url, "database_full")
        finally:
            server.kill()


async def test_limited_file_size_rejects_only_writes(tmp_path: Path, chance: random.Random) -> None:
    """Like a full disk, for systems without permission to mount, and with a less specific error."""
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
        await DiskFullScenario(server, limit_files, chance).run(url, "database_unavailable")
    finally:
        server.kill()
