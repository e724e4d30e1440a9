"""Runs workloads on the servers alternately, so that other load affects all of them equally."""

import contextlib
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.databases import open_engine
from benchmarks.live import LiveExtent
from benchmarks.processes import count_cpu_seconds
from benchmarks.reading import ReadingExtent
from benchmarks.repeating import RepeatingExtent
from benchmarks.seeding import SeededServer, check_fields, seed_server
from benchmarks.servers import ServerKind, run_server
from benchmarks.workloads import Workload
from benchmarks.wrk import LoadResult, Wrk, render_script, run_wrk

WARM_UP_SECONDS = 1


@dataclass(frozen=True)
class Plan:
    """The measurements of a run.

    Attributes:
        seconds: the duration of one round for one server.
        reading: the extent of the benchmark of repeated reads; None to skip it.
        repeating: the extent of the benchmark of completions; None to skip it.
        live: the extent of the benchmark of sync and events; None to skip it.
    """

    wrk: Wrk
    engines: tuple[str, ...]
    servers: tuple[ServerKind, ...]
    workloads: tuple[Workload, ...]
    rounds: int
    seconds: int
    tasks: int
    reading: ReadingExtent | None = None
    repeating: RepeatingExtent | None = None
    live: LiveExtent | None = None


@dataclass(frozen=True)
class Round:
    """The result of one round for one server and workload.

    Attributes:
        cpu_seconds: the CPU time of the server's process tree.
    """

    engine: str
    workload: str
    server: str
    number: int
    load: LoadResult
    cpu_seconds: float

    @property
    def cpu_us_per_request(self) -> float:
        """CPU time of the server per request, in microseconds."""
        return self.cpu_seconds / self.load.requests * 1e6


def measure_round(
    plan: Plan, engine: str, workload: Workload, seeded: SeededServer, number: int
) -> Round:
    """Run a workload on one server for one round.

    `number` seeds the random order of requests; 0 is the warm-up.

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
    log: Callable[[str], None],
) -> list[Round]:
    """Warm up all servers, then measure them alternately. The order changes each round."""
    check_fields(seeded, workload)
    for server in seeded:
        measure_round(plan, engine, workload, server, 0)
    rounds = []
    for number in range(1, plan.rounds + 1):
        for server in seeded if number % 2 else reversed(seeded):
            measured = measure_round(plan, engine, workload, server, number)
            rounds.append(measured)
            log(
                f"{engine:<10}  {workload.title:<8}  round {number}  {server.name:<9}  "
                f"{measured.load.requests_per_second:>7,.0f} req/s  "
                f"{measured.cpu_us_per_request:>6,.0f} µs CPU per request"
            )
    return rounds


def measure_engine(plan: Plan, engine: str, log: Callable[[str], None]) -> list[Round]:
    """Start and seed all servers on new databases of one engine, measure them, stop them."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="taskstead-bench-")))
        create_database = stack.enter_context(open_engine(engine, folder))
        seeded = []
        for kind in plan.servers:
            server = stack.enter_context(run_server(kind, create_database(kind.name), folder))
            log(f"{engine:<10}  {kind.name}: started, creating {plan.tasks:,} tasks")
            seeded.append(seed_server(server, plan.tasks))
        return [
            measured
            for workload in plan.workloads
            for measured in measure_workload(plan, engine, workload, seeded, log)
        ]


def measure_plan(plan: Plan, log: Callable[[str], None]) -> Sequence[Round]:
    """Run the whole plan, one engine after the other. `log` gets progress messages.

    Raises:
        ServerError: a server did not start, or returned an unexpected response.
        WrkError: wrk failed.

    """
    return [measured for engine in plan.engines for measured in measure_engine(plan, engine, log)]
