"""Test helpers that run commands: in this process, in a terminal, or as a running server."""

import contextlib
import http.client
import json
import os
import pty
import re
import select
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from taskstead.cli.main import app
from tests.harness.forked import ForkedCommand
from tests.harness.paths import PROGRAM

PASSWORD = "a good long secret"
# Generous: the machine may be busy. No test waits longer than necessary.
SECONDS = 180.0


def run_command(*arguments: str, stdin: str | bytes = "") -> Result:
    """Run a command to its end. Check that it prints no traceback."""
    result = CliRunner().invoke(app, arguments, input=stdin)
    assert isinstance(result.exception, SystemExit | None), result.exc_info
    assert "Traceback" not in result.output
    return result


def expect_error_line(*arguments: str, exit_code: int = 1, stdin: str | bytes = "") -> str:
    """Run a command that must fail. Return its single line on stderr."""
    result = run_command(*arguments, stdin=stdin)
    assert (result.exit_code, result.stdout) == (exit_code, ""), result.output
    (line,) = result.stderr.splitlines()
    return line


def create_user(email: str, database_url: str) -> None:
    """Create an account with ``PASSWORD``."""
    options = ("--password-stdin", "--database-url", database_url)
    result = run_command("user", "create", email, *options, stdin=f"{PASSWORD}\n")
    assert result.exit_code == 0, result.output


def run_at_terminal(
    *arguments: str, keys: tuple[tuple[str, str], ...] = (), **environment: str
) -> tuple[int, str]:
    """Run a command in a terminal. Return its exit code and everything it printed.

    Args:
        *arguments: the command.
        keys: pairs of awaited output and input to type, in this order.
        environment: additional environment variables.
    """
    return run_in_terminal([PROGRAM, *arguments], keys, environment)


def run_in_terminal(
    words: Sequence[str], keys: Sequence[tuple[str, str]], environment: Mapping[str, str]
) -> tuple[int, str]:
    """Run any program in a terminal; see :func:`run_at_terminal`."""
    controller, terminal = pty.openpty()
    process = subprocess.Popen(
        words,
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        # In its own session the command has no other controlling terminal.
        start_new_session=True,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "120", **environment},
    )
    os.close(terminal)
    seen = b""
    waiting = list(keys)
    deadline = time.monotonic() + SECONDS
    # On Linux, reading fails after the last program that has the terminal open has ended.
    with contextlib.suppress(OSError):
        while select.select([controller], [], [], max(0, deadline - time.monotonic()))[0]:
            seen += os.read(controller, 4096)
            while waiting and waiting[0][0].encode() in seen:
                os.write(controller, waiting.pop(0)[1].encode())
    os.close(controller)
    if time.monotonic() > deadline:
        process.kill()
    return process.wait(SECONDS), seen.decode()


def wait_until(check: Callable[[], Any], what: str) -> Any:
    """Poll a function until its result is true. Return the result."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        if found := check():
            return found
        time.sleep(0.02)
    raise AssertionError(f"waited {SECONDS:.0f} s for {what}")


_STARTUP_VARIABLES = {"PYTHONPATH", "LD_PRELOAD"}


def _start(
    arguments: list[str], environment: dict[str, str], out: Path, err: Path
) -> "subprocess.Popen[bytes] | ForkedCommand":
    # Worker processes import the server themselves. Variables of Python and of the dynamic linker
    # have an effect only in a new program.
    needs_program = _STARTUP_VARIABLES & environment.keys()
    if "--workers" not in arguments and not needs_program:
        return ForkedCommand(arguments, environment, out, err)
    with out.open("wb") as stdout, err.open("wb") as stderr:
        return subprocess.Popen(
            [PROGRAM, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            env=environment,
        )


class Server:
    """A running ``taskstead serve``."""

    def __init__(self, folder: Path, *options: str, **environment: str) -> None:
        """Start the server on a free port, without waiting for it."""
        self._out = folder / "stdout"
        self._err = folder / "stderr"
        folder.mkdir(exist_ok=True)
        # The files of an earlier server in the same folder are emptied before anyone reads them.
        for file in (self._out, self._err):
            file.write_bytes(b"")
        self.process = _start(
            ["serve", "--port", "0", *options],
            {**os.environ, **environment},
            self._out.resolve(),
            self._err.resolve(),
        )

    @property
    def output(self) -> str:
        """The server's output on stdout."""
        return self._out.read_text()

    @property
    def error_output(self) -> str:
        """The server's output on stderr."""
        return self._err.read_text()

    def await_text(self, pattern: str, *, times: int = 1) -> list[str]:
        """Wait until a pattern has occurred the given number of times. Return its groups."""

        def find() -> list[str]:
            assert self.process.poll() is None, self.error_output
            found = re.findall(pattern, self.output + self.error_output)
            return found if len(found) >= times else []

        found: list[str] = wait_until(find, f"{pattern} from the server")
        return found

    @cached_property
    def port(self) -> int:
        """The port that the server chose."""
        return int(self.await_text(r"is serving on http://[\d.]+:(\d+)")[0])

    def is_listening(self) -> bool:
        """Return whether any process listens on the server's port."""
        with socket.socket() as probe:
            is_connected = probe.connect_ex(("127.0.0.1", self.port)) == 0
            # The kernel may assign this port to the connecting socket, which then connects to
            # itself.
            return is_connected and probe.getsockname() != probe.getpeername()

    def connect(self) -> socket.socket:
        """Open a connection."""
        return socket.create_connection(("127.0.0.1", self.port), SECONDS)

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        token: str = "",
        extra_headers: Mapping[str, str] | None = None,
    ) -> tuple[int, Any]:
        """Send a request on a new connection. Return the status and the JSON."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        headers = {"Content-Type": "application/json", **(extra_headers or {})}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        try:
            connection.request(method, path, json.dumps(body) if body else None, headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal and wait for the end. Return the exit code."""
        self.process.send_signal(number)
        return self.process.wait(SECONDS)


@contextlib.contextmanager
def running_server(folder: Path, *options: str, **environment: str) -> Iterator[Server]:
    """Run a server until the end of the block."""
    server = Server(folder, *options, **environment)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.process.kill()
            server.process.wait()
