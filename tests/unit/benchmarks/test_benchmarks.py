"""The benchmark's statistics, reports and process handling, without a server or load."""

import contextlib
import json
import os
import sys
import time
from pathlib import Path

import psutil
import pytest

from benchmarks.__main__ import main
from benchmarks.databases import ENGINES
from benchmarks.live import LiveFigure
from benchmarks.processes import count_cpu_seconds, read_log_end, run_process
from benchmarks.report import compute_figures, format_share, render_markdown, write_report
from benchmarks.runner import Round
from benchmarks.seeding import list_fields
from benchmarks.workloads import WORKLOADS, Request, Target, Workload
from benchmarks.wrk import LoadResult, WrkError, parse_output, quote_lua, render_script

OUTPUT = """\
Running 4s test @ http://127.0.0.1:8000
  1 threads and 32 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency    85.31ms   32.36ms 304.60ms   81.08%
    Req/Sec   358.62     82.43   484.00     66.67%
  1404 requests in 4.01s, 1.02MB read
Requests/sec:    350.12
wrk-result {"requests": 1404, "seconds": 4.010000, "bytes": 1069547, "p50_ms": 83.100, \
"p99_ms": 304.600, "status": 0, "connect": 0, "read": 3, "write": 0, "timeout": 1}
"""


def make_rounds(server: str, *cpu_seconds: float) -> list[Round]:
    load = LoadResult(requests=1000, seconds=2.0, p50_ms=1.0, p99_ms=5.0, bytes=10, errors={})
    numbered = enumerate(cpu_seconds, start=1)
    return [Round("postgresql", "get", server, number, load, cpu) for number, cpu in numbered]


def test_parse_output() -> None:
    result = parse_output(OUTPUT)

    assert (result.requests, result.p50_ms, result.p99_ms) == (1404, 83.1, 304.6)
    assert result.requests_per_second == pytest.approx(350.12, abs=0.01)
    assert result.errors == {"read": 3, "timeout": 1}


def test_parse_output_without_result() -> None:
    with pytest.raises(WrkError, match="unable to connect"):
        parse_output("unable to connect to 127.0.0.1:1 Connection refused\n")


def test_parse_output_without_answers() -> None:
    with pytest.raises(WrkError, match="no response"):
        parse_output(OUTPUT.replace('"requests": 1404', '"requests": 0'))


def test_quote_lua() -> None:
    assert quote_lua('{"a": "é\n\\"}') == r'"{\034a\034: \034\195\169\010\092\034}"'


def test_render_script_holds_every_request() -> None:
    requests = [Request("GET", "/a"), Request("POST", "/b", "{}", {"Content-Type": "x"})]

    script = render_script(requests, seed=7)

    assert 'method = "GET", path = "/a", headers = {}}' in script
    assert 'headers = {["Content-Type"] = "x"}, body = "{}"}' in script
    assert "math.randomseed(7)" in script


@pytest.mark.parametrize("workload", WORKLOADS, ids=lambda workload: workload.name)
def test_workloads_are_the_same_on_every_run(workload: Workload) -> None:
    target = Target("/tasks", ("one", "two"))

    assert workload.build_requests(target) == workload.build_requests(target)
    assert set(workload.goals) == set(ENGINES)


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


def test_responses_are_compared_by_fields_not_by_values() -> None:
    one = {"items": [{"a": 1, "b": None}], "next_cursor": "x"}
    same = {"next_cursor": None, "items": [{"b": {"c": 1}, "a": [2, 3]}]}

    assert list_fields(one) == {"/items", "/items[1]", "/items/a", "/items/b", "/next_cursor"}
    assert list_fields(one) == list_fields(same)
    assert list_fields({"items": []}) == {"/items", "/items[0]"}


BURN = "import time\nwhile time.process_time() < {seconds}: pass\n"


def test_cpu_of_children_counts_running_and_ended(tmp_path: Path) -> None:
    ended = BURN.format(seconds=0.2)
    running = BURN.format(seconds=0.2) + "print('burnt', flush=True); time.sleep(60)"
    program = (
        "import subprocess, sys\n"
        f"subprocess.run([sys.executable, '-I', '-S', '-c', {ended!r}])\n"
        f"subprocess.run([sys.executable, '-I', '-S', '-c', {running!r}])\n"
    )
    log = tmp_path / "log"
    # Without the site module the interpreter itself starts in little CPU time.
    command = [sys.executable, "-I", "-S", "-c", program]

    with run_process(command, environment=os.environ, folder=tmp_path, log=log) as process:
        while "burnt" not in read_log_end(log):
            assert process.poll() is None
            time.sleep(0.01)
        counted = count_cpu_seconds(process)

    # The kernel counts in ticks of 10 ms, separately for each process.
    assert 0.35 < counted < 2


def test_run_process_leaves_no_processes(tmp_path: Path) -> None:
    child = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_DFL); time.sleep(60)"
    program = (
        "import subprocess, sys\n"
        f"child = subprocess.Popen([sys.executable, '-c', {child!r}])\n"
        "print(f'pid={child.pid};', flush=True)\n"
        "child.wait()\n"
    )
    log = tmp_path / "log"
    command = [sys.executable, "-c", program]

    with run_process(command, environment=os.environ, folder=tmp_path, log=log) as process:
        while ";" not in read_log_end(log):
            assert process.poll() is None
            time.sleep(0.01)
        pid = int(read_log_end(log).split("=")[1].rstrip(";"))

    assert not process.is_running()
    # Without a process that reaps orphans, an ended one remains in the process table.
    with contextlib.suppress(psutil.NoSuchProcess):
        assert psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_missing_wrk_is_skipped_by_name(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")

    assert main([]) == 0
    assert "skipped: wrk is not installed (Debian package wrk)" in capsys.readouterr().out
