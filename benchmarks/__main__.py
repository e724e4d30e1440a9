"""Command line of the benchmark. README.md in this folder describes it."""

import argparse
import shutil
import signal
import sys
from types import FrameType

from rich.console import Console

from benchmarks.databases import ENGINES, DatabaseError
from benchmarks.live import QUICK_LIVE, LiveExtent, measure_live
from benchmarks.reading import QUICK_READING, ReadingExtent, measure_reading
from benchmarks.repeating import QUICK_REPEATING, RepeatingExtent, measure_repeating
from benchmarks.report import (
    compute_figures,
    describe_conditions,
    render_live_table,
    render_table,
    write_report,
)
from benchmarks.runner import Plan, measure_plan
from benchmarks.servers import DEFAULT_SERVERS, ROOT, SERVER_KINDS, ServerError
from benchmarks.workloads import WORKLOADS
from benchmarks.wrk import Wrk, WrkError

# Measured by live.py, reading.py and repeating.py instead of wrk.
LIVE = "live"
READING = "reading"
REPEATING = "repeating"
MEASURED = [*(workload.name for workload in WORKLOADS), READING, REPEATING, LIVE]
# Two pages of the task list.
FEWEST_TASKS = 100
TERMINATIONS = (signal.SIGTERM, signal.SIGHUP)
RESULTS = ROOT / "benchmarks" / "results"


def parse_arguments(arguments: list[str]) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Compare the performance of Taskstead with a baseline server.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    for option, default, meaning in (
        ("--seconds", 4, "duration of one measurement"),
        ("--rounds", 3, "number of measurements per server and workload"),
        ("--connections", 32, "number of connections"),
        ("--tasks", 1000, "number of tasks in each database"),
    ):
        parser.add_argument(option, type=int, default=default, help=meaning)
    for option, names in (
        ("--engine", ENGINES),
        ("--workload", MEASURED),
        ("--server", [kind.name for kind in SERVER_KINDS]),
    ):
        # The help shows no default: all engines and workloads, and DEFAULT_SERVERS.
        parser.add_argument(
            option,
            action="append",
            choices=names,
            default=argparse.SUPPRESS,
            help="measure only this one; can be repeated",
        )
    parser.add_argument("--quick", action="store_true", help="smoke test: one round of 1 s")
    options = parser.parse_args(arguments)
    if min(options.seconds, options.rounds, options.connections) < 1:
        parser.error("seconds, rounds and connections must be at least 1")
    if options.tasks < FEWEST_TASKS:
        parser.error(f"tasks must be at least {FEWEST_TASKS}")
    return options


def build_plan(options: argparse.Namespace, wrk: str) -> Plan:
    """Return the plan for the command-line options."""
    engines = getattr(options, "engine", ENGINES)
    servers = getattr(options, "server", DEFAULT_SERVERS)
    workloads = getattr(options, "workload", MEASURED)
    return Plan(
        wrk=Wrk(wrk, options.connections),
        engines=tuple(engine for engine in ENGINES if engine in engines),
        servers=tuple(kind for kind in SERVER_KINDS if kind.name in servers),
        workloads=tuple(workload for workload in WORKLOADS if workload.name in workloads),
        rounds=1 if options.quick else options.rounds,
        seconds=1 if options.quick else options.seconds,
        tasks=FEWEST_TASKS if options.quick else options.tasks,
        reading=(QUICK_READING if options.quick else ReadingExtent())
        if READING in workloads
        else None,
        repeating=(QUICK_REPEATING if options.quick else RepeatingExtent())
        if REPEATING in workloads
        else None,
        live=(QUICK_LIVE if options.quick else LiveExtent()) if LIVE in workloads else None,
    )


def handle_termination(_number: int, _frame: FrameType | None) -> None:
    """Exit through all `finally` blocks, which stop the servers; ignore further signals."""
    for number in TERMINATIONS:
        signal.signal(number, signal.SIG_IGN)
    sys.exit(143)


def main(arguments: list[str]) -> int:
    """Run the benchmark. Return 0, also for missed goals, or 1 if a server or wrk failed."""
    # In a file or a pipe, use a fixed width.
    console = Console(width=None if sys.stdout.isatty() else 120, highlight=False)
    plan_options = parse_arguments(arguments)
    wrk = shutil.which("wrk")
    if wrk is None:
        console.print("skipped: wrk is not installed (Debian package wrk)")
        return 0
    for number in TERMINATIONS:
        signal.signal(number, handle_termination)
    plan = build_plan(plan_options, wrk)
    try:
        rounds = measure_plan(plan, console.print) if plan.workloads else []
        live = measure_reading(plan.engines, plan.reading, console.print) if plan.reading else []
        live += (
            measure_repeating(plan.engines, plan.repeating, console.print) if plan.repeating else []
        )
        live += measure_live(plan.engines, plan.live, console.print) if plan.live else []
    except (DatabaseError, ServerError, WrkError) as error:
        console.print(f"benchmark failed: {error}", style="red", markup=False)
        return 1
    except KeyboardInterrupt:
        console.print("stopped")
        return 130
    figures = compute_figures(rounds, plan.workloads)
    paths = write_report(RESULTS, figures, rounds, describe_conditions(plan), live)
    if figures:
        console.print(render_table(figures))
    if live:
        console.print(render_live_table(live))
    console.print(f"written: {', '.join(str(path.relative_to(ROOT)) for path in paths)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
