"""Benchmark of sync and live events: a new client that syncs, and a thousand event streams.

Measures only Taskstead, on a separate server and database, because the baseline has neither. The
clients run in this process on the same machine, so the times are upper bounds.
"""

import asyncio
import dataclasses
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
from httpx2 import codes

from benchmarks.databases import open_engine
from benchmarks.processes import count_cpu_seconds
from benchmarks.seeding import open_client, post_json, sign_in
from benchmarks.servers import SERVER_KINDS, SUBJECT, RunningServer, run_server

TASKS = 10_000
LISTENERS = 1_000
WRITES = 20
PAGE = 1_000
AT_ONCE = 1_000
IDLE_SECONDS = 15
ANSWER_SECONDS = 60
# Each event stream needs a file descriptor in both processes.
FILES = 8_192


@dataclass(frozen=True)
class LiveExtent:
    """Amount of data and load."""

    tasks: int = TASKS
    listeners: int = LISTENERS
    writes: int = WRITES
    idle_seconds: float = IDLE_SECONDS


QUICK_LIVE = LiveExtent(tasks=500, listeners=20, writes=3, idle_seconds=0.5)


@dataclass(frozen=True)
class LiveFigure:
    """One result. `value` includes the unit."""

    engine: str
    title: str
    value: str


def seed_tasks(server: RunningServer, client: httpx2.Client, count: int) -> None:
    """Create tasks with a category and two tags each."""
    for start in range(0, count, AT_ONCE):
        operations = [
            {
                "op": "create",
                "task": {
                    "title": f"Task number {number}",
                    "description": "Some words that say more about it. " * 4,
                    "category": f"Category {number % 10}",
                    "tags": [f"tag-{number % 20}", f"tag-{number % 7 + 20}"],
                },
            }
            for number in range(start, min(start + AT_ONCE, count))
        ]
        post_json(server, client, "/api/v1/tasks/bulk", {"operations": operations}, codes.OK)


def measure_sync(
    engine: str, server: RunningServer, client: httpx2.Client, extent: LiveExtent
) -> list[LiveFigure]:
    """Fetch the whole workspace page by page, like a new client."""
    tasks, size, since = 0, 0, ""
    cpu, begin = count_cpu_seconds(server.process), time.perf_counter()
    has_more = True
    while has_more:
        answer = client.get(f"/api/v1/changes?limit={PAGE}{since}")
        if answer.status_code != codes.OK:
            problem = f"sync returned {answer.status_code}: {answer.text[:500]}"
            raise server.fail(problem)
        page = answer.json()
        tasks, size = tasks + len(page["tasks"]), size + len(answer.content)
        since, has_more = f"&since={page['next']}", page["has_more"]
    seconds = time.perf_counter() - begin
    cpu = count_cpu_seconds(server.process) - cpu
    if tasks != extent.tasks:
        problem = f"sync returned {tasks} of {extent.tasks} tasks"
        raise server.fail(problem)
    title = f"sync of {tasks:,} tasks, {PAGE:,} per page"
    return [
        LiveFigure(engine, f"{title}: time", f"{seconds:.2f} s"),
        LiveFigure(engine, f"{title}: CPU of the server", f"{cpu * 1e6 / tasks:.0f} µs per task"),
        LiveFigure(engine, f"{title}: JSON", f"{size / 1e6:.1f} MB"),
    ]


class EventStreams:
    """Event streams, each on its own connection."""

    def __init__(self, url: str, token: str) -> None:
        parts = urlsplit(url)
        self._address = (str(parts.hostname), parts.port or 80)
        self._request = (
            f"GET /api/v1/events HTTP/1.1\r\nHost: {parts.netloc}\r\n"
            f"Authorization: Bearer {token}\r\n\r\n"
        ).encode()
        self._streams: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def open(self, count: int) -> None:
        """Open `count` streams, 50 at a time."""
        for start in range(0, count, 50):
            opening = [self._open_one() for _ in range(start, min(start + 50, count))]
            self._streams += await asyncio.gather(*opening)

    async def _open_one(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection(*self._address)
        writer.write(self._request)
        # The first line of the stream.
        await reader.readuntil(b"retry:")
        return reader, writer

    async def wait_for(self, revision: int) -> float:
        """Wait until all streams have received an event; return the time of the last one."""
        wanted = b"id: %d\nevent:" % revision
        async with asyncio.timeout(ANSWER_SECONDS):
            await asyncio.gather(*(reader.readuntil(wanted) for reader, _ in self._streams))
        return time.perf_counter()

    async def close(self) -> None:
        """Close all streams."""
        for _, writer in self._streams:
            writer.close()


async def measure_events(
    engine: str, server: RunningServer, token: str, extent: LiveExtent
) -> list[LiveFigure]:
    """Measure idle streams, and the time from a write until all streams have received it."""
    streams, process = EventStreams(server.url, token), server.process
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx2.AsyncClient(base_url=server.url, headers=headers, trust_env=False) as client:
        warm_up = EventStreams(server.url, token)
        await warm_up.open(10)
        before = process.memory_info().rss
        await streams.open(extent.listeners)
        memory = (process.memory_info().rss - before) / extent.listeners / 1024
        cpu = count_cpu_seconds(process)
        await asyncio.sleep(extent.idle_seconds)
        idle = (count_cpu_seconds(process) - cpu) / extent.idle_seconds
        delays = []
        cpu = count_cpu_seconds(process)
        for number in range(extent.writes):
            begin = time.perf_counter()
            answer = await client.post("/api/v1/tasks", json={"title": f"Event {number}"})
            if answer.status_code != codes.CREATED:
                problem = f"creating a task returned {answer.status_code}: {answer.text}"
                raise server.fail(problem)
            delays.append(await streams.wait_for(answer.json()["revision"]) - begin)
        cpu = (count_cpu_seconds(process) - cpu) / extent.writes / extent.listeners
        await streams.close()
        await warm_up.close()
    title = f"{extent.listeners:,} event streams"
    delay = f"{statistics.median(delays) * 1000:.0f} ms, maximum {max(delays) * 1000:.0f} ms"
    return [
        LiveFigure(engine, f"{title}: memory of the server per stream", f"{memory:.0f} KiB"),
        LiveFigure(engine, f"{title}: CPU when idle", f"{idle:.1%} of a core"),
        LiveFigure(engine, f"{title}: time from a write until all have received it", delay),
        LiveFigure(engine, f"{title}: CPU of the server", f"{cpu * 1e6:.0f} µs per sent event"),
    ]


def measure_live(
    engines: tuple[str, ...], extent: LiveExtent, log: Callable[[str], None]
) -> list[LiveFigure]:
    """Measure sync and events on each engine.

    Raises:
        ServerError: the server did not start, or returned an unexpected response.

    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    (kind,) = [kind for kind in SERVER_KINDS if kind.name == SUBJECT]
    unlimited = dataclasses.replace(
        kind,
        build_environment=lambda url: {
            **kind.build_environment(url),
            "TASKSTEAD_RATE_LIMITS": "false",
        },
    )
    figures = []
    for engine in engines:
        with tempfile.TemporaryDirectory(prefix="taskstead-bench-") as name:
            folder = Path(name)
            with (
                open_engine(engine, folder) as create_database,
                run_server(unlimited, create_database("live"), folder) as server,
                open_client(server) as client,
            ):
                log(f"{engine:<10}  sync and events: creating {extent.tasks:,} tasks")
                token = sign_in(server, client)
                client.headers["Authorization"] = f"Bearer {token}"
                seed_tasks(server, client, extent.tasks)
                found = measure_sync(engine, server, client, extent)
                found += asyncio.run(measure_events(engine, server, token, extent))
        for figure in found:
            log(f"{engine:<10}  {figure.title}: {figure.value}")
        figures += found
    return figures
