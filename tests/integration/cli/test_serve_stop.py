"""``taskstead serve`` that stops without a drain period loses no request.

The server processes are paused while requests are sent. The requests are then certain to be in the
system's buffers when the server receives the signal.
"""

import contextlib
import http.client
import os
import resource
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.commands import SECONDS, Server, running_server

DATABASE = ("--database-url", "sqlite:///x.db")
REQUEST = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"

pytestmark = pytest.mark.usefixtures("sqlite_file")


@contextlib.contextmanager
def paused(pids: list[int]) -> Iterator[None]:
    """Pause processes for the duration of the block."""
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def read_status(connection: socket.socket) -> int:
    """Read a response. Return its status."""
    answer = http.client.HTTPResponse(connection)
    answer.begin()
    answer.read()
    return answer.status


def list_serving_processes(server: Server, workers: int) -> list[int]:
    """Return the ids of the serving processes once they serve."""
    if workers == 1:
        assert server.request("GET", "/health/live")[0] == 200
        return [server.process.pid]
    return [int(pid) for pid in server.await_text(r"Worker (\d+) is serving", times=workers)]


@pytest.mark.parametrize(
    ("number", "workers"),
    [
        (signal.SIGINT, 1),
        # Starting several processes takes seconds.
        pytest.param(signal.SIGTERM, 2, marks=pytest.mark.system),
    ],
)
def test_sent_requests_are_answered(folder: Path, number: signal.Signals, workers: int) -> None:
    options = (*DATABASE, "--workers", str(workers))
    with running_server(folder / "server", *options) as server, contextlib.ExitStack() as stack:
        serving = list_serving_processes(server, workers)

        def connect() -> socket.socket:
            return stack.enter_context(server.connect())

        used = [connect() for _ in range(5)]
        for connection in used:
            connection.sendall(REQUEST)
            assert read_status(connection) == 200
        begun = connect()
        begun.sendall(REQUEST[:10])
        with paused(serving):
            fresh = [connect() for _ in range(20)]
            for connection in (*used, *fresh):
                connection.sendall(REQUEST)
            begun.sendall(REQUEST[10:])
            server.process.send_signal(number)
        for connection in (*used, *fresh, begun):
            assert read_status(connection) == 200
            # The connection is closed and not reset.
            assert connection.recv(1) == b""
        assert server.process.wait(SECONDS) == 0
        assert "Traceback" not in server.error_output


@pytest.mark.parametrize("loop", ["uvloop", "asyncio"])
def test_simultaneous_connections_are_answered(folder: Path, loop: str) -> None:
    environment = {}
    if loop == "asyncio":
        modules = folder / "modules"
        modules.mkdir()
        (modules / "uvloop.py").write_text("raise ImportError")
        environment["PYTHONPATH"] = str(modules)
    with (
        running_server(folder / "server", *DATABASE, **environment) as server,
        contextlib.ExitStack() as stack,
    ):
        serving = list_serving_processes(server, 1)
        with paused(serving):
            clients = [stack.enter_context(server.connect()) for _ in range(200)]
            for client in clients:
                client.sendall(REQUEST)
        assert [read_status(client) for client in clients] == [200] * 200
        # The loaded libraries show which event loop the server uses.
        maps = Path(f"/proc/{server.process.pid}/maps").read_text()
        assert ("uvloop" in maps) is (loop == "uvloop")


def test_idle_connections_do_not_delay_the_stop(folder: Path) -> None:
    with running_server(folder / "server", *DATABASE) as server:
        with server.connect() as idle, server.connect() as unused:
            idle.sendall(REQUEST)
            assert read_status(idle) == 200
            server.process.send_signal(signal.SIGTERM)
            # The server closes the connections without resetting them.
            assert (idle.recv(1), unused.recv(1)) == (b"", b"")
        assert server.process.wait(SECONDS) == 0


def test_running_out_of_file_descriptors_is_logged(folder: Path) -> None:
    with running_server(folder / "server", *DATABASE) as server, contextlib.ExitStack() as stack:
        assert server.request("GET", "/health/live")[0] == 200
        in_use = len(list(Path(f"/proc/{server.process.pid}/fd").iterdir()))
        limit = in_use + 5
        resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (limit, limit))
        for _ in range(10):
            stack.enter_context(server.connect())
        server.await_text(rf"The process has no free file descriptors \(limit: {limit}\)")
        stack.close()
        server.await_text("The process has free file descriptors again")
        assert server.request("GET", "/health/live")[0] == 200
        assert server.error_output.count("has no free file descriptors") == 1
