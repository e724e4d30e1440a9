"""The compared servers: how each is started on a database.

All run with one uvicorn worker, uvloop and httptools, without an access log, in an empty working
directory.
"""

import contextlib
import os
import socket
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx2
import psutil

from benchmarks.processes import read_log_end, run_process

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 60
HOST = "127.0.0.1"


class ServerError(Exception):
    """A server did not start, or returned an unexpected response. The text ends with its log."""


@dataclass(frozen=True)
class ServerKind:
    """A server that can be measured.

    Attributes:
        build_command: returns the command line for a port.
        build_environment: returns the environment variables for a database URL (postgresql:// or
            sqlite:///).
    """

    name: str
    tasks_path: str
    build_command: Callable[[int], list[str]]
    build_environment: Callable[[str], Mapping[str, str]]


@dataclass(frozen=True)
class RunningServer:
    """A running server. `url` has no trailing slash."""

    kind: ServerKind
    url: str
    process: psutil.Popen
    log: Path

    def fail(self, problem: str) -> ServerError:
        """Return an error with the problem and the end of the server's log."""
        return ServerError(
            f"{self.kind.name}: {problem}\n--- end of {self.log.name} ---\n{read_log_end(self.log)}"
        )


def build_uvicorn_command(*application: str) -> Callable[[int], list[str]]:
    """Return a function that builds the command line for a port, the same for every server."""
    options = "--workers 1 --loop uvloop --http httptools --no-access-log"
    command = [sys.executable, "-m", "uvicorn", *application, "--app-dir", str(ROOT)]
    return lambda port: [*command, "--host", HOST, "--port", str(port), *options.split()]


def build_taskstead_environment(database_url: str) -> dict[str, str]:
    """Return the settings: tokens that outlive the benchmark, and unreachable rate limits."""
    limits = ("READS", "WRITES", "SEARCH", "REGISTRATION")
    return {
        "TASKSTEAD_DATABASE_URL": database_url,
        "TASKSTEAD_ACCESS_TOKEN_MINUTES": "1440",
        # No response cache, like the baseline. reading.py measures the effect of the cache.
        "TASKSTEAD_CACHE_BYTES": "0",
        **{f"TASKSTEAD_RATE_LIMIT_{name}": "999999999/day" for name in limits},
    }


def build_textbook_environment(database_url: str) -> dict[str, str]:
    """Return the database URL with the name of the SQLAlchemy driver."""
    scheme, rest = database_url.split("://", 1)
    driver = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}[scheme]
    return {"TEXTBOOK_DATABASE_URL": f"{driver}://{rest}"}


def build_pool_40_environment(database_url: str) -> dict[str, str]:
    """Return settings with one connection per client, so that none is opened under load."""
    return build_textbook_environment(database_url) | {"TEXTBOOK_POOL_SIZE": "40"}


TEXTBOOK_COMMAND = build_uvicorn_command("benchmarks.baselines.textbook:app")
SERVER_KINDS = (
    ServerKind(
        "taskstead",
        "/api/v1/tasks",
        build_uvicorn_command("--factory", "taskstead.app:create_app_from_environment"),
        build_taskstead_environment,
    ),
    ServerKind("textbook", "/tasks", TEXTBOOK_COMMAND, build_textbook_environment),
    ServerKind("textbook_pool_40", "/tasks", TEXTBOOK_COMMAND, build_pool_40_environment),
)
SUBJECT = "taskstead"
BASELINE = "textbook"
DEFAULT_SERVERS = (SUBJECT, BASELINE)


def find_free_port() -> int:
    """Return a free port of the loopback interface."""
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        port: int = listener.getsockname()[1]
        return port


def await_answer(server: RunningServer) -> None:
    """Wait until `/health` succeeds.

    Raises:
        ServerError: the server exited or took too long.

    """
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            problem = f"exited with code {server.process.returncode} instead of starting"
            raise server.fail(problem)
        with contextlib.suppress(httpx2.TransportError):
            if httpx2.get(f"{server.url}/health", trust_env=False).is_success:
                return
        time.sleep(0.1)
    problem = f"did not respond within {START_SECONDS} s"
    raise server.fail(problem)


@contextlib.contextmanager
def run_server(kind: ServerKind, database_url: str, folder: Path) -> Iterator[RunningServer]:
    """Run a server until the block ends, with its log and working directory in `folder`.

    Raises:
        ServerError: the server did not start.

    """
    home = folder / f"{kind.name}-home"
    home.mkdir()
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("TASKSTEAD_", "TEXTBOOK_"))
    }
    environment = {**inherited, **kind.build_environment(database_url)}
    port = find_free_port()
    log = folder / f"{kind.name}.log"
    with run_process(
        kind.build_command(port), environment=environment, folder=home, log=log
    ) as process:
        server = RunningServer(kind, f"http://{HOST}:{port}", process, log)
        await_answer(server)
        yield server
