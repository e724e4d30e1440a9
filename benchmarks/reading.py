"""Benchmark of repeated reads: the effect of the response cache and of 304.

Measures only Taskstead, on a separate server and database, with one client in this process.
"""

import dataclasses
import random
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import httpx2
from httpx2 import codes

from benchmarks.databases import open_engine
from benchmarks.live import LiveFigure
from benchmarks.processes import count_cpu_seconds
from benchmarks.seeding import SeededServer, open_client, seed_server
from benchmarks.servers import SERVER_KINDS, SUBJECT, run_server

# The mix of reads: the share of repeated requests, and the number of different ones among them.
REPEATED = 0.8
OFTEN = 20
LIST = "/api/v1/tasks?limit=50"
# The same five conditions as parameters and in the filter language.
PARAMETERS = (
    f"{LIST}&status=todo&status=in_progress&priority_max=4&no_category=false&parent=none"
    "&created_after=2020-01-01"
)
_FILTER_TEXT = "is:open priority<=4 has:category no:parent created>2020-01-01"
FILTER = f"{LIST}&filter={quote(_FILTER_TEXT)}"

_STATEMENTS = re.compile(r"^taskstead_statements_total(?:\{[^}]*\})? (\S+)$", re.MULTILINE)


@dataclass(frozen=True)
class ReadingExtent:
    """Number of tasks in the database, and of requests of each kind."""

    tasks: int = 1_000
    requests: int = 2_000


QUICK_READING = ReadingExtent(tasks=100, requests=200)


def build_mix(ids: Sequence[str], count: int) -> list[str]:
    """Return the paths of a mix of reads, most of which are repeated."""
    source = random.Random(3)  # noqa: S311 - the same mix on every run, nothing secret
    often = [
        LIST,
        "/api/v1/categories",
        "/api/v1/tags",
        "/api/v1/tasks/stats",
        "/api/v1/tasks?status=todo&sort=-priority",
        "/api/v1/tasks?q=garden",
        *(f"/api/v1/tasks/{task_id}" for task_id in ids[: OFTEN - 6]),
    ]
    paths = []
    for number in range(count):
        new = f"/api/v1/tasks?limit={source.randint(10, 60)}&priority_min={number % 5 + 1}"
        once = f"{new}&created_after=2026-01-01T00:00:{number % 60:02}.{number:06}Z"
        paths.append(source.choice(often) if source.random() < REPEATED else once)
    return paths


@contextmanager
def _run_seeded(engine: str, cache_bytes: int, tasks: int) -> Iterator[SeededServer]:
    (kind,) = [kind for kind in SERVER_KINDS if kind.name == SUBJECT]
    changes = {"TASKSTEAD_CACHE_BYTES": str(cache_bytes), "TASKSTEAD_RATE_LIMITS": "false"}
    changed = dataclasses.replace(
        kind, build_environment=lambda url: {**kind.build_environment(url), **changes}
    )
    with tempfile.TemporaryDirectory(prefix="taskstead-bench-") as name:
        folder = Path(name)
        with (
            open_engine(engine, folder) as create_database,
            run_server(changed, create_database("reading"), folder) as server,
        ):
            yield seed_server(server, tasks)


def _get(seeded: SeededServer, client: httpx2.Client, path: str, **headers: str) -> httpx2.Response:
    answer = client.get(path, headers=headers)
    if answer.status_code not in (codes.OK, codes.NOT_MODIFIED):
        problem = f"GET {path} returned {answer.status_code}: {answer.text[:500]}"
        raise seeded.server.fail(problem)
    return answer


def _count_statements(seeded: SeededServer, client: httpx2.Client) -> int:
    found = _STATEMENTS.findall(_get(seeded, client, "/metrics").text)
    return int(sum(float(value) for value in found))


def _measure_list(
    seeded: SeededServer, client: httpx2.Client, count: int, *, path: str = LIST, **headers: str
) -> float:
    """Return the server's CPU time for one page of 50 tasks, in microseconds."""
    before = count_cpu_seconds(seeded.server.process)
    for _ in range(count):
        _get(seeded, client, path, **headers)
    return (count_cpu_seconds(seeded.server.process) - before) / count * 1e6


class _ServerFigures(NamedTuple):
    """The number of queries for the mix, and the CPU time of each kind of list."""

    statements: int
    plain: float
    unchanged: float
    by_parameters: float
    by_filter: float


def _measure_server(engine: str, cache_bytes: int, extent: ReadingExtent) -> _ServerFigures:
    """Measure the mix and the lists on a server with this size of the cache."""
    with (
        _run_seeded(engine, cache_bytes, extent.tasks) as seeded,
        open_client(seeded.server) as client,
    ):
        client.headers["Authorization"] = f"Bearer {seeded.token}"
        etag = _get(seeded, client, LIST).headers["etag"]
        count = extent.requests
        plain = _measure_list(seeded, client, count)
        unchanged = _measure_list(seeded, client, count, **{"If-None-Match": etag})
        by_parameters = _measure_list(seeded, client, count, path=PARAMETERS)
        by_filter = _measure_list(seeded, client, count, path=FILTER)
        before = _count_statements(seeded, client)
        for path in build_mix(seeded.target.task_ids, extent.requests):
            _get(seeded, client, path)
        # Each request has one authentication query; all others read tasks.
        statements = _count_statements(seeded, client) - before - extent.requests
        return _ServerFigures(statements, plain, unchanged, by_parameters, by_filter)


def measure_reading(
    engines: tuple[str, ...], extent: ReadingExtent, log: Callable[[str], None]
) -> list[LiveFigure]:
    """Measure repeated reads on each engine.

    Raises:
        ServerError: the server did not start, or returned an unexpected response.

    """
    figures = []
    for engine in engines:
        log(f"{engine:<10}  repeated reads: {extent.requests:,} requests each")
        without, plain, unchanged, by_parameters, by_filter = _measure_server(engine, 0, extent)
        with_cache, kept, *_ = _measure_server(engine, 32 << 20, extent)
        mix = f"{extent.requests:,} reads, {REPEATED:.0%} repeated: queries of tasks"
        saved = 1 - with_cache / without
        found = [
            LiveFigure(engine, f"{mix} without the cache", f"{without:,}"),
            LiveFigure(engine, f"{mix} with the cache", f"{with_cache:,} ({saved:.0%} fewer)"),
            LiveFigure(engine, "list 50, computed: CPU of the server", f"{plain:,.0f} µs"),
            LiveFigure(
                engine,
                "list 50, cached: CPU of the server",
                f"{kept:,.0f} µs (1/{plain / kept:.1f} of computed)",
            ),
            LiveFigure(
                engine,
                "list 50, 304: CPU of the server",
                f"{unchanged:,.0f} µs (1/{plain / unchanged:.1f} of computed)",
            ),
            LiveFigure(
                engine,
                "list 50 by a filter with five conditions, computed: CPU of the server",
                f"{by_filter:,.0f} µs ({by_filter / by_parameters:.2f} of the same by parameters)",
            ),
        ]
        for figure in found:
            log(f"{engine:<10}  {figure.title}: {figure.value}")
        figures += found
    return figures
