"""Report of the benchmark: medians and ratios as a table, JSON and Markdown."""

import dataclasses
import json
import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table

from benchmarks.live import LiveFigure
from benchmarks.runner import Plan, Round
from benchmarks.servers import BASELINE, SUBJECT
from benchmarks.workloads import Workload

REPORTED_PACKAGES = (
    "taskstead",
    "fastapi",
    "starlette",
    "uvicorn",
    "sqlalchemy",
    "asyncpg",
    "aiosqlite",
    "pydantic",
)
HEADINGS = (
    "engine",
    "workload",
    "server",
    "req/s",
    "p50 ms",
    "p99 ms",
    "CPU µs/req",
    "ratio",
    "goal",
    "",
)


@dataclass(frozen=True)
class Figure:
    """Medians over the rounds of one server under one workload.

    Attributes:
        cpu_spread: the distance of the farthest round's CPU per request from the median, relative
            to the median.
        ratio: the median of CPU per request relative to the baseline in the same round; None
            without a baseline.
        goal: the maximum of `ratio`; None without a goal.
    """

    engine: str
    workload: str
    server: str
    requests_per_second: float
    p50_ms: float
    p99_ms: float
    cpu_us_per_request: float
    cpu_spread: float
    ratio: float | None
    goal: float | None

    @property
    def verdict(self) -> str:
        """`met` or `missed`; empty without a goal."""
        if self.ratio is None or self.goal is None:
            return ""
        return "met" if self.ratio <= self.goal else "missed"


def compute_ratios(measured: Sequence[Round], baseline: Sequence[Round]) -> list[float]:
    """Return the CPU per request of each round relative to the baseline in the same round."""
    costs = {each.number: each.cpu_us_per_request for each in baseline}
    return [
        each.cpu_us_per_request / costs[each.number] for each in measured if costs.get(each.number)
    ]


def compute_figures(rounds: Sequence[Round], workloads: Sequence[Workload]) -> list[Figure]:
    """Return the medians of each server under each workload, compared with the baseline."""
    groups: dict[tuple[str, str, str], list[Round]] = {}
    for measured in rounds:
        groups.setdefault((measured.engine, measured.workload, measured.server), []).append(
            measured
        )
    by_name = {workload.name: workload for workload in workloads}
    figures = []
    for (engine, name, server), group in groups.items():
        cost = statistics.median(each.cpu_us_per_request for each in group)
        baseline = [] if server == BASELINE else groups.get((engine, name, BASELINE), [])
        ratios = compute_ratios(group, baseline)
        figures.append(
            Figure(
                engine=engine,
                workload=by_name[name].title,
                server=server,
                requests_per_second=statistics.median(
                    each.load.requests_per_second for each in group
                ),
                p50_ms=statistics.median(each.load.p50_ms for each in group),
                p99_ms=statistics.median(each.load.p99_ms for each in group),
                cpu_us_per_request=cost,
                cpu_spread=max(abs(each.cpu_us_per_request - cost) for each in group) / (cost or 1),
                ratio=statistics.median(ratios) if ratios else None,
                goal=by_name[name].goals.get(engine) if ratios and server == SUBJECT else None,
            )
        )
    return figures


def format_share(share: float) -> str:
    """Format a ratio as a fraction: 0.25 is 1/4, 0.3 is 1/3.3, 1.2 is 1.2."""
    parts = round(1 / share, 1) if share else 0
    return f"1/{parts:g}" if parts > 1 else f"{share:.1f}"


def format_cells(figure: Figure) -> list[str]:
    """Return the cells of a table row, in the order of `HEADINGS`."""
    return [
        figure.engine,
        figure.workload,
        figure.server,
        f"{figure.requests_per_second:,.0f}",
        f"{figure.p50_ms:.1f}",
        f"{figure.p99_ms:.1f}",
        f"{figure.cpu_us_per_request:,.0f} ±{figure.cpu_spread:.0%}",
        "" if figure.ratio is None else format_share(figure.ratio),
        "" if figure.goal is None else f"≤ {format_share(figure.goal)}",
        figure.verdict,
    ]


def render_table(figures: Sequence[Figure]) -> Table:
    """Return the table for the terminal."""
    table = Table(
        box=SIMPLE_HEAD,
        title=f"Medians of the rounds; ratio: CPU per request relative to {BASELINE}",
    )
    for heading in HEADINGS:
        table.add_column(
            heading, justify="left" if heading in HEADINGS[:3] else "right", no_wrap=True
        )
    colors = {"met": "green", "missed": "red", "": None}
    previous = None
    for figure in figures:
        if previous is not None and previous != (figure.engine, figure.workload):
            table.add_section()
        previous = (figure.engine, figure.workload)
        cells = format_cells(figure)
        color = colors[figure.verdict]
        table.add_row(*cells[:-1], f"[{color}]{cells[-1]}[/]" if color else cells[-1])
    return table


def render_live_table(live: Sequence[LiveFigure]) -> Table:
    """Return the table of repeated reads, sync and events for the terminal."""
    table = Table(box=SIMPLE_HEAD, title="Repeated reads, sync and events")
    for heading in ("engine", "what", "value"):
        table.add_column(heading, justify="right" if heading == "value" else "left")
    for figure in live:
        table.add_row(figure.engine, figure.title, figure.value)
    return table


def render_markdown(
    figures: Sequence[Figure], conditions: dict[str, Any], live: Sequence[LiveFigure] = ()
) -> str:
    """Return figures and conditions as Markdown."""
    rule = ["---" if heading in HEADINGS[:3] else "---:" for heading in HEADINGS]
    rows = [HEADINGS, rule, *(format_cells(figure) for figure in figures)]
    lines = ["# Benchmark", "", *(f"| {' | '.join(row)} |" for row in rows), ""]
    lines += ["Medians over the rounds; ± is the distance of the farthest round.", ""]
    if live:
        lines += [
            "## Repeated reads, sync and events",
            "",
            "| engine | what | value |",
            "|---|---|---:|",
        ]
        lines += [f"| {each.engine} | {each.title} | {each.value} |" for each in live]
        lines += [
            "",
            "Measured once, with the clients on the same machine.",
            "",
            "## Conditions",
            "",
        ]
    lines += [f"- {name.replace('_', ' ')}: {value}" for name, value in conditions.items()]
    return "\n".join(lines) + "\n"


def describe_conditions(plan: Plan) -> dict[str, Any]:
    """Return the conditions of the run: load, machine, versions."""
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "load": f"{plan.rounds} rounds of {plan.seconds} s, {plan.wrk.connections} connections",
        "tasks": plan.tasks,
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "python": platform.python_version(),
        "packages": ", ".join(f"{name} {metadata.version(name)}" for name in REPORTED_PACKAGES),
    }


def write_report(
    folder: Path,
    figures: Sequence[Figure],
    rounds: Sequence[Round],
    conditions: dict[str, Any],
    live: Sequence[LiveFigure] = (),
) -> tuple[Path, Path]:
    """Write `latest.json` (with every round) and `latest.md` to a folder; return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    content = {
        "conditions": conditions,
        "figures": [dataclasses.asdict(figure) | {"verdict": figure.verdict} for figure in figures],
        "rounds": [dataclasses.asdict(measured) for measured in rounds],
        "live": [dataclasses.asdict(each) for each in live],
    }
    as_json, as_markdown = folder / "latest.json", folder / "latest.md"
    as_json.write_text(json.dumps(content, indent=2) + "\n")
    as_markdown.write_text(render_markdown(figures, conditions, live))
    return as_json, as_markdown
