"""Benchmark of completing a repeating task, relative to completing a plain task.

Measures only Taskstead, on a separate server and database, with one client in this process. Blocks
of both kinds alternate, so that other load on the machine affects both equally.
"""

import dataclasses
import statistics
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from httpx2 import codes

from benchmarks.databases import open_engine
from benchmarks.live import LiveFigure, seed_tasks
from benchmarks.processes import count_cpu_seconds
from benchmarks.seeding import open_client, post_json, sign_in
from benchmarks.servers import SERVER_KINDS, SUBJECT, RunningServer, run_server

PATH = "/api/v1/tasks"
PLAIN: dict[str, Any] = {"due_date": "2026-11-30"}
REPEATING: dict[str, Any] = {**PLAIN, "repeat_rule": "FREQ=WEEKLY;BYDAY=MO,TH"}


@dataclass(frozen=True)
class RepeatingExtent:
    """Number of other tasks, of blocks of each kind, and of tasks to complete in a block."""

    tasks: int = 1_000
    blocks: int = 3
    block: int = 200


QUICK_REPEATING = RepeatingExtent(tasks=100, blocks=1, block=50)


def create_tasks(
    server: RunningServer, client: httpx2.Client, fields: dict[str, Any], count: int
) -> list[str]:
    """Create tasks with these fields; return their ids."""
    operations = [
        {"op": "create", "task": {"title": f"Task {number}", **fields}} for number in range(count)
    ]
    answer = post_json(server, client, f"{PATH}/bulk", {"operations": operations}, codes.OK)
    return [str(result["id"]) for result in answer["results"]]


def measure_completions(
    server: RunningServer, client: httpx2.Client, fields: dict[str, Any], count: int
) -> float:
    """Complete new tasks with these fields; return the server's CPU time for one in microseconds.

    Raises:
        ServerError: a response has an unexpected status.

    """
    ids = create_tasks(server, client, fields, count)
    before = count_cpu_seconds(server.process)
    for task_id in ids:
        post_json(server, client, f"{PATH}/{task_id}/complete", {}, codes.OK)
    return (count_cpu_seconds(server.process) - before) / count * 1e6


def build_figures(
    engine: str, plain: Sequence[float], repeating: Sequence[float]
) -> list[LiveFigure]:
    """Return the medians of both kinds, and the median ratio of neighbouring blocks."""
    ratio = statistics.median(
        many / one for one, many in zip(plain, repeating, strict=True) if one > 0
    )
    title = "complete a task: CPU of the server"
    return [
        LiveFigure(engine, f"{title}, plain", f"{statistics.median(plain):,.0f} µs"),
        LiveFigure(
            engine,
            f"{title}, repeating",
            f"{statistics.median(repeating):,.0f} µs ({ratio:.2f} of plain)",
        ),
    ]


def measure_repeating(
    engines: tuple[str, ...], extent: RepeatingExtent, log: Callable[[str], None]
) -> list[LiveFigure]:
    """Measure completions on each engine.

    Raises:
        ServerError: the server did not start, or returned an unexpected response.

    """
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
        log(f"{engine:<10}  completions: {extent.blocks * extent.block:,} of each kind")
        with tempfile.TemporaryDirectory(prefix="taskstead-bench-") as name:
            folder = Path(name)
            with (
                open_engine(engine, folder) as create_database,
                run_server(unlimited, create_database("repeating"), folder) as server,
                open_client(server) as client,
            ):
                client.headers["Authorization"] = f"Bearer {sign_in(server, client)}"
                seed_tasks(server, client, extent.tasks)
                # The first block of each kind is the warm-up.
                blocks = [
                    (
                        measure_completions(server, client, PLAIN, extent.block),
                        measure_completions(server, client, REPEATING, extent.block),
                    )
                    for _ in range(extent.blocks + 1)
                ][1:]
        found = build_figures(engine, *map(list, zip(*blocks, strict=True)))
        for figure in found:
            log(f"{engine:<10}  {figure.title}: {figure.value}")
        figures += found
    return figures
