"""Measures workloads on servers in turn, so that a busy moment of the machine meets all alike."""

import contextlib
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.databases import open_engine
from benchmarks.live import Extent
from benchmarks.processes import count_cpu_seconds
from benchmarks.reading import Reading
from benchmarks.seeding import SeededServer, check_fields, seed_server
from benchmarks.servers import ServerKind, run_server
from benchmarks.workloads import Workload
from benchmarks.wrk import LoadResult, Wrk, render_script, run_wrk

WARM_UP_SECONDS = 1


@dataclass(frozen=True)
class Plan:
    """What to measure and how long.

    `seconds` is one server's share of one round; `reading` how much of reads that repeat and
    `live` of sync and events, if any.
    """

    wrk: Wrk
    engines: tuple[str, ...]
    servers: tuple[ServerKind, ...]
    workloads: tuple[Workload, ...]
    rounds: int
    seconds: int
    tasks: int
    reading: Reading | None = None
    live: Extent | None = None


@dataclass(frozen=True)
class Round:
    """One server under one workload for some seconds.

    `cpu_seconds` is the CPU time of the server's whole process tree.
    """

    engine: str
    workload: str
    server: str
    number: int
    load: LoadResult
    cpu_seconds: float

    @property
    def cpu_us_per_request(self) -> float:
        """Microseconds of CPU time that one request cost the server."""
        return self.cpu_seconds / self.load.requests * 1e6


def measure_round(
    plan: Plan, engine: str, workload: Workload, seeded: SeededServer, number: int
) -> Round:
    """Load one server and take its CPU time before and after.

    `number` seeds the order of requests; 0 is the warm-up.

    Raises:
        ServerError: a request failed.
        WrkError: wrk failed.

    """
    script = render_script(workload.build_requests(seeded.target), seed=number)
    seconds = plan.seconds if number else WARM_UP_SECONDS
    before = count_cpu_seconds(seeded.server.process)
    load = run_wrk(plan.wrk, seeded.server.url, script, token=seeded.token, seconds=seconds)
    cpu_seconds = count_cpu_seconds(seeded.server.process) - before
    if load.errors:
        kinds = ", ".join(f"{count} x {kind}" for kind, count in load.errors.items())
        problem = (
            f"'{workload.title}' on {engine} had errors among {load.requests} requests: {kinds}"
        )
        raise seeded.server.fail(problem)
    return Round(engine, workload.name, seeded.name, number, load, cpu_seconds)


def measure_workload(
    plan: Plan,
    engine: str,
    workload: Workload,
    seeded: list[SeededServer],
    tell: Callable[[str], None],
) -> list[Round]:
    """Warm every server up, then measure in turn; who begins changes from round to round."""
    check_fields(seeded, workload)
    for server in seeded:
        measure_round(plan, engine, workload, server, 0)
    rounds = []
    for number in range(1, plan.rounds + 1):
        for server in seeded if number % 2 else reversed(seeded):
            measured = measure_round(plan, engine, workload, server, number)
            rounds.append(measured)
            tell(
                f"{engine:<10}  {workload.title:<8}  round {number}  {server.name:<9}  "
                f"{measured.load.requests_per_second:>7,.0f} req/s  "
                f"{measured.cpu_us_per_request:>6,.0f} µs CPU per request"
            )
    return rounds


def measure_engine(plan: Plan, engine: str, tell: Callable[[str], None]) -> list[Round]:
    """Start all servers on fresh databases of one engine, seed them, measure, stop them."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="taskstead-bench-")))
        create_database = stack.enter_context(open_engine(engine, folder))
        seeded = []
        for kind in plan.servers:
            server = stack.enter_context(run_server(kind, create_database(kind.name), folder))
            tell(f"{engine:<10}  {kind.name}: started, creating {plan.tasks:,} tasks")
            seeded.append(seed_server(server, plan.tasks))
        return [
            measured
            for workload in plan.workloads
            for measured in measure_workload(plan, engine, workload, seeded, tell)
        ]


def measure_plan(plan: Plan, tell: Callable[[str], None]) -> Sequence[Round]:
    """Measure all that was asked for, one engine after the other; `tell` gets lines of progress.

    Raises:
        ServerError: a server did not start or did not answer as it should.
        WrkError: wrk failed.

    """
    return [measured for engine in plan.engines for measured in measure_engine(plan, engine, tell)]
