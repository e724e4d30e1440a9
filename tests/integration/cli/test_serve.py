"""``taskstead serve``: start, worker processes and shutdown."""

import json
import os
import resource
import shlex
import signal
import socket
import subprocess
from pathlib import Path

import pytest

from tests.harness.commands import PASSWORD, SECONDS, Server, running_server, wait_until
from tests.harness.paths import PROGRAM

REGISTRATION = {"email": "me@example.com", "password": PASSWORD}


def begin_request(server: Server) -> tuple[socket.socket, bytes]:
    """Send a request without its body, and wait until it is being processed.

    Return the connection and the body.
    """
    body = json.dumps(REGISTRATION).encode()
    connection = server.connect()
    connection.sendall(
        b"POST /auth/register HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(body)
    )
    # This is sent when the application reads the body.
    assert b" 100 Continue" in connection.recv(4096)
    return connection, body


def is_running(pid: str) -> bool:
    """Return whether a process exists."""
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    return True


def test_first_start_prints_the_first_steps(folder: Path) -> None:
    data = folder / "data"
    with running_server(folder / "server", TASKSTEAD_DATA_DIR=str(data)) as server:
        server.await_text("Press Ctrl-C to stop")
        assert f"http://127.0.0.1:{server.port}/docs" in server.output
        assert f"Database: {data / 'taskstead.db'}" in server.output
        soft, hard = resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE)
        assert soft == (1 << 20 if hard == resource.RLIM_INFINITY else hard)
        assert ("connections are limited to" in server.output) == (soft < 4096)
        assert "taskstead user create you@example.com\n" in server.output
        assert data.stat().st_mode & 0o777 == 0o700
        assert (data / "taskstead.db").stat().st_mode & 0o777 == 0o600
        (curl,) = (line for line in server.output.splitlines() if "curl" in line)
        _, url, _, header, _, body = shlex.split(curl)
        assert (url, header) == (
            f"http://127.0.0.1:{server.port}/auth/register",
            "Content-Type: application/json",
        )
        status, tokens = server.request("POST", "/auth/register", json.loads(body))
        assert status == 201
        _, me = server.request("GET", "/auth/me", token=tokens["access_token"])
        assert me["is_admin"] is True
        assert server.stop() == 0


def test_low_limit_of_open_files_is_reported(folder: Path) -> None:
    with subprocess.Popen(
        ["/bin/sh", "-c", f"ulimit -n 512 && exec {PROGRAM} serve --port 0"],
        env={**os.environ, "TASKSTEAD_DATA_DIR": str(folder)},
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout
        output = ""
        for line in server.stdout:
            output += line
            if line.startswith("Press Ctrl-C to stop"):
                server.terminate()
    assert "connections are limited to 512" in output


@pytest.mark.usefixtures("sqlite_file")
def test_sigterm_lets_a_request_finish(folder: Path) -> None:
    with running_server(folder / "server", "--database-url", "sqlite:///x.db") as server:
        connection, body = begin_request(server)
        with connection:
            server.process.send_signal(signal.SIGTERM)
            server.await_text("Finishing the requests")
            wait_until(lambda: not server.is_listening(), "the end of listening")
            connection.sendall(body)
            answer = connection.makefile("rb").read()
        assert b" 201 Created\r\n" in answer
        assert b"access_token" in answer
        assert server.process.wait(SECONDS) == 0
        assert "Traceback" not in server.error_output
    with running_server(folder / "server", "--database-url", "sqlite:///x.db") as server:
        assert server.request("POST", "/auth/login", REGISTRATION)[0] == 200
        assert "There is no account yet" not in server.output
        assert server.stop(signal.SIGINT) == 0
        assert "Traceback" not in server.error_output


@pytest.mark.usefixtures("sqlite_file")
def test_second_interrupt_does_not_wait(folder: Path) -> None:
    with running_server(folder / "server", "--database-url", "sqlite:///x.db") as server:
        connection, _ = begin_request(server)
        with connection:
            server.process.send_signal(signal.SIGINT)
            server.await_text("Finishing the requests")
            server.process.send_signal(signal.SIGINT)
            # A server that had waited for the request would have exited with 0.
            assert server.process.wait(SECONDS) == 130
        assert "Traceback" not in server.error_output


@pytest.mark.usefixtures("sqlite_file")
def test_killed_workers_are_replaced(folder: Path) -> None:
    options = ("--workers", "2", "--database-url", "sqlite:///x.db")
    with running_server(folder / "server", *options, TASKSTEAD_REGISTRATION="open") as server:
        pids = server.await_text(r"Worker (\d+) is serving", times=2)
        _, tokens = server.request("POST", "/auth/register", REGISTRATION)
        token = tokens["access_token"]
        # The remaining worker serves alone until the other one is replaced.
        for victim in pids:
            os.kill(int(victim), signal.SIGKILL)
            for number in range(3):
                task = {"title": f"{number} without {victim}"}
                assert server.request("POST", "/api/v1/tasks", task, token)[0] == 201
            server.await_text(f"Worker {victim} has exited; worker (\\d+) replaces it")
            pids = server.await_text(r"Worker (\d+) is serving", times=len(pids) + 1)
        _, page = server.request("GET", "/api/v1/tasks", token=token)
        assert [task["number"] for task in page["items"]] == [6, 5, 4, 3, 2, 1]
        assert server.stop() == 0
        assert not server.is_listening()
        assert not any(is_running(pid) for pid in pids)
        assert "Traceback" not in server.error_output


@pytest.mark.usefixtures("sqlite_file")
def test_workers_end_when_the_supervisor_is_killed(folder: Path) -> None:
    options = ("--workers", "2", "--database-url", "sqlite:///x.db")
    with running_server(folder / "server", *options) as server:
        server.await_text(r"Worker (\d+) is serving", times=2)
        assert server.is_listening()
        server.process.kill()
        server.process.wait()
        wait_until(lambda: not server.is_listening(), "the end of the workers")


def test_servers_started_together_create_the_tables_once(
    empty_database_url: str, folder: Path
) -> None:
    options = ("--database-url", empty_database_url)
    with (
        running_server(folder / "one", *options) as one,
        running_server(folder / "two", *options) as two,
    ):
        for server in (one, two):
            status, health = server.request("GET", "/health")
            assert (status, health["status"]) == (200, "ok")
        assert one.request("POST", "/auth/register", REGISTRATION)[0] == 201
        assert two.request("POST", "/auth/login", REGISTRATION)[0] == 200
        assert [one.stop(), two.stop()] == [0, 0]


@pytest.mark.parametrize("workers", ["1", "2"])
def test_public_server_prints_setup_token_until_first_account(folder: Path, workers: str) -> None:
    options = ("--host", "0.0.0.0", "--workers", workers)  # noqa: S104 - the tested value
    environment = {"TASKSTEAD_DATA_DIR": str(folder / "data"), "TASKSTEAD_REGISTRATION": "closed"}
    with running_server(folder / "first", *options, **environment) as server:
        server.await_text("Press Ctrl-C to stop")
        (curl,) = (line for line in server.output.splitlines() if "curl" in line)
        body = json.loads(shlex.split(curl)[-1])
        wait_until(server.is_listening, "the server")
        for token in ("", "tss_guess"):
            wrong = {**body, "setup_token": token}
            status, problem = server.request("POST", "/auth/register", wrong)
            assert (status, problem["code"]) == (403, "setup_required")
        assert server.request("POST", "/auth/register", body)[0] == 201
        assert server.stop() == 0
    with running_server(folder / "second", *options[:2], **environment) as server:
        server.await_text("Press Ctrl-C to stop")
        assert "tss_" not in server.output
