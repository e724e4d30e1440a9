"""Reports: figures, targets and files."""

import json
from pathlib import Path

import pytest

from benchmarks.live import LiveFigure
from benchmarks.report import compute_figures, format_share, render_markdown, write_report
from benchmarks.runner import Round
from benchmarks.workloads import WORKLOADS
from benchmarks.wrk import LoadResult


def make_rounds(server: str, *cpu_seconds: float) -> list[Round]:
    load = LoadResult(requests=1000, seconds=2.0, p50_ms=1.0, p99_ms=5.0, bytes=10, errors={})
    numbered = enumerate(cpu_seconds, start=1)
    return [Round("postgresql", "get", server, number, load, cpu) for number, cpu in numbered]


def test_figures_are_medians_relative_to_the_baseline() -> None:
    rounds = make_rounds("taskstead", 0.2, 0.5, 0.3) + make_rounds("textbook", 1.0, 2.0, 1.0)

    taskstead, textbook = compute_figures(rounds, WORKLOADS)

    assert taskstead.cpu_us_per_request == pytest.approx(300)
    assert taskstead.cpu_spread == pytest.approx(2 / 3)
    assert taskstead.requests_per_second == 500
    # Rounds are compared in pairs: the second one was slow for both servers.
    assert taskstead.ratio == pytest.approx(0.25)
    assert (taskstead.goal, taskstead.verdict) == (0.25, "met")
    assert (textbook.ratio, textbook.goal, textbook.verdict) == (None, None, "")


def test_missed_target_is_reported() -> None:
    rounds = make_rounds("taskstead", 0.26) + make_rounds("textbook", 1.0)

    assert compute_figures(rounds, WORKLOADS)[0].verdict == "missed"


def test_figures_without_baseline() -> None:
    (figure,) = compute_figures(make_rounds("taskstead", 0.2), WORKLOADS)

    assert (figure.ratio, figure.goal) == (None, None)


@pytest.mark.parametrize(
    ("share", "text"),
    [(1 / 4, "1/4"), (1 / 6, "1/6"), (0.3, "1/3.3"), (0.99, "1.0"), (1.26, "1.3"), (0, "0.0")],
)
def test_format_share(share: float, text: str) -> None:
    assert format_share(share) == text


def test_report_files(tmp_path: Path) -> None:
    rounds = make_rounds("taskstead", 0.2) + make_rounds("textbook", 1.0)
    figures = compute_figures(rounds, WORKLOADS)

    as_json, as_markdown = write_report(tmp_path / "new", figures, rounds, {"tasks": 100})

    content = json.loads(as_json.read_text())
    assert content["figures"][0]["ratio"] == pytest.approx(0.2)
    assert content["rounds"][1]["load"]["requests"] == 1000
    assert as_markdown.read_text() == render_markdown(figures, {"tasks": 100})
    assert "| postgresql | get one | taskstead | 500 |" in as_markdown.read_text()


def test_sync_and_events_have_their_own_section(tmp_path: Path) -> None:
    live = [LiveFigure("sqlite", "sync of 10 tasks: time", "0.5 s")]
    as_json, as_markdown = write_report(tmp_path, [], [], {"tasks": 100}, live)

    assert json.loads(as_json.read_text())["live"] == [
        {"engine": "sqlite", "title": "sync of 10 tasks: time", "value": "0.5 s"}
    ]
    assert "| sqlite | sync of 10 tasks: time | 0.5 s |" in as_markdown.read_text()
    assert "sync and events" not in render_markdown([], {"tasks": 100})
