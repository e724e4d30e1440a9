"""``taskstead serve`` during the drain period, while balancers still send requests."""

import http.client
import json
import signal
import time
from pathlib import Path

import pytest

from taskstead.cli.serving.server import MAX_LINGER_SECONDS
from tests.harness.commands import SECONDS, Server, running_server, wait_until

DATABASE = ("--database-url", "sqlite:///x.db")

pytestmark = pytest.mark.usefixtures("sqlite_file")


def send_request(connection: http.client.HTTPConnection, path: str) -> tuple[int, str | None, str]:
    """Send a request. Return the status, the ``Connection`` header and the health status."""
    connection.request("GET", path)
    answer = connection.getresponse()
    return answer.status, answer.getheader("connection"), json.loads(answer.read())["status"]


def connect(server: Server) -> http.client.HTTPConnection:
    """Open a connection that stays open between requests."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=SECONDS)
    connection.connect()
    return connection


def test_draining_server_serves_and_reports_not_ready(folder: Path) -> None:
    with running_server(folder / "server", *DATABASE, TASKSTEAD_DRAIN_SECONDS="600") as server:
        kept, unused = connect(server), connect(server)
        assert send_request(kept, "/health/ready") == (200, None, "ok")
        server.process.send_signal(signal.SIGTERM)
        server.await_text("Draining")
        assert send_request(kept, "/health/ready") == (503, None, "stopping")
        assert send_request(kept, "/health") == (200, None, "ok")
        fresh = connect(server)
        assert send_request(fresh, "/health/live") == (200, None, "ok")
        # A second signal ends the drain period.
        began = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        wait_until(lambda: not server.is_listening(), "the end of listening")
        # Each open connection serves one more request and is then closed.
        for connection in (kept, fresh, unused):
            try:
                assert send_request(connection, "/health/live") == (200, "close", "ok")
            except ConnectionError:
                assert time.monotonic() - began > MAX_LINGER_SECONDS, "asked in time"
            connection.close()
        assert server.process.wait(SECONDS) == 0
        assert "Traceback" not in server.error_output


@pytest.mark.system  # starting several processes takes seconds
def test_drained_workers_exit(folder: Path) -> None:
    options = (*DATABASE, "--workers", "2")
    with running_server(folder / "server", *options, TASKSTEAD_DRAIN_SECONDS="0.3") as server:
        server.await_text(r"Worker (\d+) is serving", times=2)
        idle = connect(server)
        assert send_request(idle, "/health/live") == (200, None, "ok")
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(SECONDS) == 0
        idle.close()
        assert server.error_output.count("Draining") == 2
        assert "Traceback" not in server.error_output


def test_ctrl_c_does_not_drain(folder: Path) -> None:
    with running_server(folder / "server", *DATABASE, TASKSTEAD_DRAIN_SECONDS="600") as server:
        assert server.request("GET", "/health/live")[0] == 200
        assert server.stop(signal.SIGINT) == 0
        assert "Draining" not in server.error_output
