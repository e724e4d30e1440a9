"""``taskstead worker``: background jobs in a separate process."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.harness.commands import (
    PASSWORD,
    SECONDS,
    expect_error_line,
    running_server,
    wait_until,
)
from tests.harness.forked import ForkedCommand

REGISTRATION = {"email": "me@example.com", "password": PASSWORD}
PROCESS = {"filter": {}, "action": "complete"}


@contextmanager
def running_worker(url: str, out: Path, log: Path) -> Iterator[ForkedCommand]:
    process = ForkedCommand(["worker", "--database-url", url], os.environ, out, log)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


@pytest.mark.parametrize(
    ("engine", "number"),
    [("sqlite", signal.SIGINT), ("postgresql", signal.SIGTERM)],
    indirect=["engine"],
)
def test_worker_runs_the_jobs_that_servers_enqueue(
    empty_database_url: str, folder: Path, number: int
) -> None:
    out, log = folder / "worker.out", folder / "worker.log"
    with (
        running_worker(empty_database_url, out, log) as worker,
        running_server(
            folder / "server", "--database-url", empty_database_url, TASKSTEAD_RUN_WORKER="false"
        ) as server,
    ):
        token = server.request("POST", "/auth/register", REGISTRATION)[1]["access_token"]
        server.request("POST", "/api/v1/tasks", {"title": "A task"}, token)
        status, job = server.request("POST", "/api/v1/tasks/bulk-process", PROCESS, token)
        assert status == 202
        path = f"/api/v1/jobs/{job['id']}"
        wait_until(
            lambda: server.request("GET", path, token=token)[1]["state"] == "done",
            "the end of the job",
        )
        assert server.request("GET", "/api/v1/tasks/1", token=token)[1]["completed"] is True
        worker.send_signal(number)
        assert worker.wait(SECONDS) == 0
    assert "is running background jobs of" in out.read_text()
    output = log.read_text()
    assert f"Job {job['id']} (bulk_process) is done." in output
    assert "Traceback" not in output


def test_worker_reports_an_unreachable_database() -> None:
    url = "postgresql://nobody@127.0.0.1:1/nothing"
    assert "127.0.0.1:1/nothing" in expect_error_line("worker", "--database-url", url)
