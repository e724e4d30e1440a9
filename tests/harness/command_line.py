"""Test helpers for client commands: a server with two accounts, and their environment."""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.harness.commands import PASSWORD, SECONDS, Server, running_server
from tests.harness.paths import PROGRAM
from tests.harness.settings import WAIT_SECONDS

EMAIL = "ada@example.com"
SCOPES = ["tasks:read", "tasks:write", "account:read"]


@dataclass(frozen=True)
class CommandServer:
    """A running server with an account.

    Attributes:
        server: the process.
        url: its address.
        session: an access token of the account.
        token: an API token of the account.
    """

    server: Server
    url: str
    session: str
    token: str

    def make_token(self, *scopes: str) -> str:
        """Create an API token of the account."""
        body = {"name": "made by a test", "scopes": list(scopes)}
        status, made = self.server.request("POST", "/api/v1/tokens", body, self.session)
        assert status == 201, made
        return str(made["token"])

    def make_workspace(self) -> "Workspace":
        """Create a shared workspace of the account."""
        body = {"name": "Made by a test"}
        status, made = self.server.request("POST", "/api/v1/workspaces", body, self.session)
        assert status == 201, made
        return Workspace(self, made["id"])


@dataclass(frozen=True)
class Workspace:
    """A workspace on a server.

    Attributes:
        server: the server.
        id: its id.
    """

    server: CommandServer
    id: str

    def request(self, method: str, path: str, body: Any = None) -> Any:
        """Send a request in the workspace that must succeed. Return the JSON."""
        server = self.server
        headers = {"Taskstead-Workspace": self.id}
        status, answer = server.server.request(method, path, body, server.token, headers)
        assert status < 300, answer
        return answer

    def add(self, title: str, **fields: Any) -> str:
        """Create a task. Return its number."""
        return str(self.request("POST", "/api/v1/tasks", {"title": title, **fields})["number"])

    def get(self, number: str) -> Any:
        """Return a task."""
        return self.request("GET", f"/api/v1/tasks/{number}")


@contextmanager
def running_command_server(folder: Path, database: Path) -> Iterator[CommandServer]:
    """Run a server with an account until the end of the block.

    Args:
        folder: an empty folder for its output.
        database: a migrated SQLite file.
    """
    environment = {
        "TASKSTEAD_DATABASE_URL": f"sqlite:///{database}",
        "TASKSTEAD_PASSWORD_HASH_MEMORY_KIB": "8",
        "TASKSTEAD_PASSWORD_HASH_TIME_COST": "1",
        "TASKSTEAD_RATE_LIMITS": "false",
        "TASKSTEAD_DATABASE_WAIT_SECONDS": str(WAIT_SECONDS),
    }
    with running_server(folder, **environment) as server:
        account = {"email": EMAIL, "password": PASSWORD}
        status, pair = server.request("POST", "/auth/register", account)
        assert status == 201, pair
        session = pair["access_token"]
        made = CommandServer(server, f"http://127.0.0.1:{server.port}", session, "")
        token = made.make_token(*SCOPES)
        yield CommandServer(server, made.url, session, token)


def run_program(
    *arguments: str, stdin: str | bytes = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run a command in a process of its own, without a terminal."""
    return subprocess.run(
        [PROGRAM, *arguments],
        input=stdin if isinstance(stdin, str) else stdin.decode(),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
        env={**os.environ, **environment},
    )


def parse_lines(text: str) -> list[Any]:
    """Return the values of a text with one JSON value per line."""
    return [json.loads(line) for line in text.splitlines()]
