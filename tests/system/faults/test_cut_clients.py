"""Hundreds of clients close their connections in the middle of a request body or a response."""

import asyncio
import json
import random
import socket
import struct
from collections import Counter
from pathlib import Path

import httpx2
import psutil
import pytest
from sqlalchemy import select

from taskstead.services.transfer.imports import CHUNK
from taskstead.tables.jobs import job_parts, jobs
from tests.harness.client import Client
from tests.harness.commands import Server, running_server
from tests.harness.untyped import untyped
from tests.integration.log.replica import Replica, check_change_log
from tests.integration.observability.scraping import TOKEN, scrape
from tests.system.durability.checks import opened, register
from tests.system.durability.writers import TIMEOUT_SECONDS, Ledger
from tests.system.faults.load import (
    Address,
    Tally,
    check_nothing_lost,
    running_load,
    wait_for_writes,
)

WAVES = 5
WAVE = 50
# Number of uploaded files in each wave, and their lines. Each file takes several chunks to store.
FILES = 5
LINES = 3 * CHUNK

pytestmark = pytest.mark.system


class CuttingClients:
    """Clients of one workspace that close their connections early."""

    def __init__(self, server: Server, ledger: Ledger, chance: random.Random) -> None:
        self._port = server.port
        self._headers = "".join(f"{name}: {value}\r\n" for name, value in headers_of(ledger))
        self._chance = chance

    async def cut_in_body(self, number: int) -> None:
        """Send a part of a request that creates a task."""
        request = self._make_create(f"half {number}")
        head = request.index(b"\r\n\r\n") + 4
        await self._send(request[: self._chance.randrange(head, len(request))], 0)

    async def cut_before_the_end(self, number: int) -> None:
        """Send a complete chunked body without its final chunk."""
        body = json.dumps({"title": f"half {number}"})
        head = self._make_head("/api/v1/tasks", "Transfer-Encoding: chunked")
        await self._send(f"{head}{len(body):x}\r\n{body}\r\n".encode(), 0)

    async def cut_in_file(self, number: int) -> None:
        """Send a part of a file to import."""
        body = b'{"title": "half of a file"}\n' * LINES
        head = self._make_head("/api/v1/tasks/import?format=jsonl", f"Content-Length: {len(body)}")
        # The first one of each wave is cut in its last line.
        part = len(body) - 5 if number % WAVE == 0 else self._chance.randrange(len(body))
        await self._send(head.encode() + body[:part], 0)

    async def cut_before_answer(self, number: int) -> None:
        """Request the creation of a task, and close before the response."""
        await self._send(self._make_create(f"whole {number}"), 0)

    async def cut_in_answer(self, _number: int) -> None:
        """Request a long list, and read only a few bytes of it."""
        request = f"GET /api/v1/tasks?limit=200 HTTP/1.1\r\nHost: x\r\n{self._headers}\r\n"
        await self._send(request.encode(), 20)

    def _make_create(self, title: str) -> bytes:
        body = json.dumps({"title": title, "description": "x" * 4000})
        return (self._make_head("/api/v1/tasks", f"Content-Length: {len(body)}") + body).encode()

    def _make_head(self, path: str, length: str) -> str:
        return (
            f"POST {path} HTTP/1.1\r\nHost: x\r\n{self._headers}"
            f"Content-Type: application/json\r\n{length}\r\n\r\n"
        )

    async def _send(self, data: bytes, answer_bytes: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        writer.write(data)
        await writer.drain()
        if answer_bytes:
            await reader.readexactly(answer_bytes)
        else:
            await asyncio.sleep(self._chance.uniform(0, 0.02))
        if self._chance.random() < 0.5:
            # Reset the connection instead of closing it, as a crashed client would.
            connection: socket.socket = writer.get_extra_info("socket")
            linger = struct.pack("ii", 1, 0)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        writer.close()


def headers_of(ledger: Ledger) -> list[tuple[str, str]]:
    return list(ledger.client.headers.items())


async def wait_until_idle(url: str) -> None:
    """Wait until the server has no request except this one. A leaked request would never end."""
    async with (
        httpx2.AsyncClient(base_url=url, timeout=TIMEOUT_SECONDS) as http,
        asyncio.timeout(TIMEOUT_SECONDS),
    ):
        while not (await scrape(Client(http))).is_idle():  # noqa: ASYNC110 - no event to wait for
            await asyncio.sleep(0.05)


async def cut_many(cutter: CuttingClients, ledgers: list[Ledger]) -> int:
    """Cut connections in waves, while other clients are served. Return their number."""
    methods = (
        cutter.cut_in_body,
        cutter.cut_before_the_end,
        cutter.cut_before_answer,
        cutter.cut_in_answer,
    )
    count = 0
    for wave in range(WAVES):
        numbers = range(wave * WAVE, (wave + 1) * WAVE)
        cuts = [cut(number) for number in numbers for cut in methods]
        cuts += [cutter.cut_in_file(number) for number in numbers[:FILES]]
        await asyncio.gather(*cuts)
        count += len(cuts)
        await wait_for_writes(ledgers)
    return count


async def check_cut_workspace(database_url: str, workspace_id: str) -> int:
    """Check that complete requests ran once and incomplete ones not at all.

    Return the number of tasks.
    """
    async with opened(database_url) as database:
        replica = Replica(workspace_id)
        await check_change_log(database, replica)
        # The hourly jobs of the server have no workspace.
        theirs = select(jobs.c.id).where(jobs.c.workspace_id.is_not(None))
        assert await database.fetch_all(untyped(theirs), {}) == []
        assert await database.fetch_all(untyped(select(job_parts.c.job_id)), {}) == []
    titles = Counter(task["title"] for task in replica.rows["task"].values())
    assert titles, "no request completed"
    assert all(title.startswith("whole") for title in titles), "half of a request was executed"
    assert set(titles.values()) == {1}
    return len(titles)


async def test_cut_connections_do_not_affect_other_clients(
    database_url: str, tmp_path: Path, chance: random.Random
) -> None:
    tally = Tally()
    options = {
        "TASKSTEAD_RATE_LIMITS": "false",
        "TASKSTEAD_METRICS_TOKEN": TOKEN,
        # No request may be rejected because of a slow disk.
        "TASKSTEAD_DATABASE_WAIT_SECONDS": "60",
    }
    folder = tmp_path / "server"
    with running_server(folder, "--database-url", database_url, **options) as server:
        address = Address(server.port)
        ledgers = [await register(address, "one")]
        victim = await register(address, "victim")
        cutter = CuttingClients(server, victim, chance)
        async with running_load(ledgers, [address], tally, chance):
            count = await cut_many(cutter, ledgers)
        await wait_until_idle(address.url)
        connections = psutil.Process(server.process.pid).net_connections("tcp")
        served = [one for one in connections if one.laddr.port == server.port]
        assert len([one for one in served if one.status == psutil.CONN_ESTABLISHED]) <= 1
        assert server.stop() == 0
        assert "Traceback" not in server.error_output
    tally.expect(200, 201)
    assert tally.statuses.keys() <= {200, 201, 204}
    await check_nothing_lost(database_url, ledgers)
    done = await check_cut_workspace(database_url, victim.workspace_id)
    print(f"{count} connections cut, {done} tasks created")  # noqa: T201
