"""Five thousand concurrent clients, each with its own connection, create a task each."""

import asyncio
import json
import re
import resource
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.harness.client import PASSWORD
from tests.harness.commands import Server
from tests.integration.log.replica import Replica, check_change_log
from tests.system.durability.checks import opened
from tests.system.scale.test_transfer_size import measure_peak

COUNT = 5000
# The limit of open files that a process usually gets from the system before raising it.
DEFAULT_FILE_LIMIT = 1024
# The number of connections to open at once. The kernel's backlog is not the subject of this test.
OPENED_AT_ONCE = 200
MAX_MEBIBYTES = 400
# Long enough for all responses on a slow machine.
SECONDS = 600.0

pytestmark = pytest.mark.system


@dataclass
class Answer:
    """The response on one connection."""

    status: int
    revision: int
    number: int
    seconds: float


@contextmanager
def allowed_files(count: int) -> Iterator[None]:
    """Allow this process and its children to have the given number of open files."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < count:
        pytest.skip(f"the system allows {hard} open files only")
    resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def make_request(token: str, number: int) -> bytes:
    body = json.dumps({"title": f"Task {number}"}).encode()
    head = (
        "POST /api/v1/tasks HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {token}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def send_at_once(port: int, token: str) -> list[Answer]:
    """Open all connections, and send one request on each at the same time. Return the responses."""
    opening = asyncio.Semaphore(OPENED_AT_ONCE)
    ready = asyncio.Barrier(COUNT)

    async def send(number: int) -> Answer:
        async with opening:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        await ready.wait()
        began = time.monotonic()
        writer.write(make_request(token, number))
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        (size,) = re.findall(r"content-length: (\d+)", head)
        body = json.loads(await reader.readexactly(int(size)))
        seconds = time.monotonic() - began
        writer.close()
        status = int(head.split(" ")[1])
        assert status == 201, body
        assert body["title"] == f"Task {number}"
        return Answer(status, body["revision"], body["number"], seconds)

    async with asyncio.timeout(SECONDS):
        return await asyncio.gather(*(send(number) for number in range(COUNT)))


def register(server: Server) -> tuple[str, str]:
    """Create an account. Return its token and its workspace."""
    account = {"email": "me@example.com", "password": PASSWORD}
    _, tokens = server.request("POST", "/auth/register", account)
    token: str = tokens["access_token"]
    _, me = server.request("GET", "/auth/me", token=token)
    return token, me["personal_workspace_id"]


async def test_five_thousand_connections_create_tasks(database_url: str, tmp_path: Path) -> None:
    with allowed_files(DEFAULT_FILE_LIMIT):
        server = Server(
            tmp_path / "server",
            *("--database-url", database_url),
            TASKSTEAD_RATE_LIMITS="false",
            TASKSTEAD_ACCESS_LOG="false",
            TASKSTEAD_SLOW_CLIENT_SECONDS=f"{SECONDS:.0f}",
            TASKSTEAD_DATABASE_WAIT_SECONDS="60",
            TASKSTEAD_DATABASE_QUEUE_SECONDS=f"{SECONDS:.0f}",
        )
    try:
        token, workspace = await asyncio.to_thread(register, server)
        before = measure_peak(server.process.pid)
        with allowed_files(COUNT + 500):
            began = time.monotonic()
            answers = await send_at_once(server.port, token)
            seconds = time.monotonic() - began
        peak = measure_peak(server.process.pid)
        slowest = max(answer.seconds for answer in answers)
        print(  # noqa: T201 - for docs/explanation/faults.md
            f"{COUNT / seconds:.0f} requests/s, slowest {slowest:.1f} s, "
            f"MiB {before:.0f} → {peak:.0f}"
        )
        assert Counter(answer.status for answer in answers) == {201: COUNT}
        assert len({answer.number for answer in answers}) == COUNT
        assert len({answer.revision for answer in answers}) == COUNT
        assert peak < MAX_MEBIBYTES
        assert server.stop() == 0
        assert "Traceback" not in server.error_output
    finally:
        if server.process.poll() is None:
            server.process.kill()
            server.process.wait()
    async with opened(database_url) as database:
        replica = Replica(workspace)
        await check_change_log(database, replica)
        assert len(replica.rows["task"]) == COUNT
