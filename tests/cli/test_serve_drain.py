"""``taskstead serve`` that is told to stop while balancers still send requests to it."""

import http.client
import json
import signal
import time
from pathlib import Path

from taskstead.cli.server import LONGEST_LINGER_SECONDS
from tests.cli.commands import SECONDS, Server, running_server, wait_until

DATABASE = ("--database-url", "sqlite:///x.db")


def ask(connection: http.client.HTTPConnection, path: str) -> tuple[int, str | None, str]:
    """Send a request; return the status, whether the connection is to be closed, and the health."""
    connection.request("GET", path)
    answer = connection.getresponse()
    return answer.status, answer.getheader("connection"), json.loads(answer.read())["status"]


def connect(server: Server) -> http.client.HTTPConnection:
    """Open a connection, which stays open between requests."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=SECONDS)
    connection.connect()
    return connection


def test_a_draining_server_serves_on_and_says_that_it_is_not_ready(folder: Path) -> None:
    with running_server(folder / "server", *DATABASE, TASKSTEAD_DRAIN_SECONDS="600") as server:
        kept, unused = connect(server), connect(server)
        assert ask(kept, "/health/ready") == (200, None, "ok")
        server.process.send_signal(signal.SIGTERM)
        server.await_text("Draining")
        assert ask(kept, "/health/ready") == (503, None, "stopping")
        assert ask(kept, "/health") == (200, None, "ok")
        fresh = connect(server)
        assert ask(fresh, "/health/live") == (200, None, "ok")
        # Whoever does not want to wait asks again.
        began = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        wait_until(lambda: not server.is_listening(), "the end of listening")
        # What was open is served once more, and closed behind that.
        for connection in (kept, fresh, unused):
            try:
                assert ask(connection, "/health/live") == (200, "close", "ok")
            except ConnectionError:
                assert time.monotonic() - began > LONGEST_LINGER_SECONDS, "asked in time"
            connection.close()
        assert server.process.wait(SECONDS) == 0
        assert "Traceback" not in server.complaints


def test_drained_workers_end_by_themselves(folder: Path) -> None:
    options = (*DATABASE, "--workers", "2")
    with running_server(folder / "server", *options, TASKSTEAD_DRAIN_SECONDS="0.3") as server:
        server.await_text(r"Worker (\d+) serves", times=2)
        idle = connect(server)
        assert ask(idle, "/health/live") == (200, None, "ok")
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(SECONDS) == 0
        idle.close()
        assert server.complaints.count("Draining") == 2
        assert "Traceback" not in server.complaints


def test_ctrl_c_does_not_drain(folder: Path) -> None:
    with running_server(folder / "server", *DATABASE, TASKSTEAD_DRAIN_SECONDS="600") as server:
        assert server.request("GET", "/health/live")[0] == 200
        assert server.stop(signal.SIGINT) == 0
        assert "Draining" not in server.complaints
