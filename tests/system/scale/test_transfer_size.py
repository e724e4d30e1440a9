"""Export and import of 100,000 tasks: nothing changes, and memory use is bounded.

The test uses PostgreSQL and JSON Lines. TASKSTEAD_TEST_EVERYTHING=1 adds SQLite and CSV, which
takes minutes.
"""

import asyncio
import hashlib
import json
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import psutil
import pytest

from tests.harness.client import Client
from tests.integration.jobs.waiting import ACTIVE
from tests.integration.transfer.files import EXPORT, IMPORT, TYPES, make_operations, open_workspace
from tests.system.durability.servers import ServerProcess

COUNT = 100_000
EVERYTHING = bool(os.environ.get("TASKSTEAD_TEST_EVERYTHING"))
KINDS = ("jsonl", "csv") if EVERYTHING else ("jsonl",)
# The growth of the server's memory with these tasks. On SQLite most of it is the page caches, 64
# MiB for each of up to four connections, for any number of tasks.
MAX_MEBIBYTES = {"sqlite": 280, "postgresql": 50}
SECONDS = 1200


def make_file() -> bytes:
    lines = (json.dumps(op["task"]) for op in make_operations(COUNT))
    return "\n".join(lines).encode()


async def stream_body(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), 65536):
        yield content[start : start + 65536]


async def import_file(client: Client, content: bytes, kind: str) -> dict[str, Any]:
    headers = {**client.headers, "Content-Type": TYPES[kind]}
    answer = await client.http.post(IMPORT, content=stream_body(content), headers=headers)
    assert answer.status_code == 202, answer.text
    async with asyncio.timeout(SECONDS):
        while True:
            job: dict[str, Any] = (await client.get(answer.headers["location"])).json()
            if job["state"] not in ACTIVE:
                assert (job["state"], job["failed"]) == ("done", 0), job
                return job
            await asyncio.sleep(0.2)


async def export_file(client: Client, kind: str) -> bytes:
    answer = await client.get(f"{EXPORT}?deleted=include&format={kind}")
    assert answer.status_code == 200
    return answer.content


def measure_peak(pid: int) -> float:
    """Return the peak memory of the process in MiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


@pytest.mark.system
@pytest.mark.parametrize(
    "engine",
    [
        pytest.param(
            "sqlite",
            marks=pytest.mark.skipif(not EVERYTHING, reason="TASKSTEAD_TEST_EVERYTHING is not set"),
        ),
        "postgresql",
    ],
)
async def test_hundred_thousand_tasks_are_exported_and_imported(
    engine: str, database_url: str, tmp_path: Path
) -> None:
    # The access token must be valid for the whole test.
    server = ServerProcess(database_url, tmp_path, access_token_minutes="1440")
    server.start()
    try:
        async with httpx2.AsyncClient(base_url=server.url, timeout=SECONDS) as http:
            owner = await Client(http).register("owner@example.com")
            process = psutil.Process(server.pid)
            before = process.memory_info().rss / 2**20
            times = []

            async def timed(work: Any) -> Any:
                began = time.monotonic()
                result = await work
                times.append(round(time.monotonic() - began, 1))
                return result

            await timed(import_file(owner, make_file(), "jsonl"))
            for kind in KINDS:
                content = await timed(export_file(owner, kind))
                other = await open_workspace(owner)
                await timed(import_file(other, content, kind))
                again = await timed(export_file(other, kind))
                assert hashlib.sha256(again).digest() == hashlib.sha256(content).digest()
            peak = measure_peak(server.pid)
            print(f"seconds {times}, MiB {before:.0f} → {peak:.0f}")  # noqa: T201 - the measured figures
            assert peak - before < MAX_MEBIBYTES[engine]
    finally:
        server.kill()
