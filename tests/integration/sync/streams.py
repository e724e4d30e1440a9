"""Test client for event streams of an application in this process, read event by event."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI

from tests.harness.client import Client

EVENTS = "/api/v1/events"
# Generous: reached only if something hangs.
TIMEOUT_SECONDS = 120


@dataclass
class Event:
    """One event of a stream. A comment or the start of the stream has neither type nor data."""

    type: str = ""
    id: int | None = None
    data: Any = None
    comment: str = ""


def parse_event(block: str) -> Event:
    """Parse one event, without the empty line after it."""
    event = Event()
    for line in block.split("\n"):
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if not name:
            event.comment = value
        elif name == "id":
            event.id = int(value)
        elif name == "event":
            event.type = value
        elif name == "data":
            event.data = json.loads(value)
    return event


@dataclass
class Stream:
    """An open event stream or another slow response.

    Attributes:
        path: the requested path.
        status: the status of the response.
        headers: the headers of the response.
        is_taking: clear it to stop receiving, as a client behind a full connection does.
        is_held_up: data was sent that the client has not received.
        seen: the last event's id.
    """

    path: str = EVENTS
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    is_taking: asyncio.Event = field(default_factory=asyncio.Event)
    is_held_up: bool = False
    seen: int = -1
    ended_well: bool = False

    def __post_init__(self) -> None:
        self.is_taking.set()
        self._pieces: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._started = asyncio.Event()
        self._left = asyncio.Event()
        self._rest = b""
        self._task: asyncio.Task[None] | None = None

    async def open(self, app: FastAPI, client: Client, query: str = "", **headers: str) -> "Stream":
        """Send the request and wait for the status."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "GET",
            "headers": [
                (name.lower().encode(), value.encode())
                for name, value in {**client.headers, **named}.items()
            ],
            "scheme": "http",
            "path": self.path,
            "raw_path": self.path.encode(),
            "query_string": query.encode(),
            "server": ("testserver", 80),
            "client": ("127.0.0.1", 1),
            "root_path": "",
        }
        self._task = asyncio.create_task(self._run(app, scope))
        async with asyncio.timeout(TIMEOUT_SECONDS):
            await self._started.wait()
        return self

    async def _run(self, app: FastAPI, scope: dict[str, Any]) -> None:
        try:
            await app(scope, self._receive, self._send)
        finally:
            self._started.set()
            self._pieces.put_nowait(None)

    async def _receive(self) -> dict[str, Any]:
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
            self._started.set()
            return
        self.is_held_up = not self.is_taking.is_set()
        await self.is_taking.wait()
        self.is_held_up = False
        self._pieces.put_nowait(message.get("body", b""))
        self.ended_well = not message.get("more_body", False)

    async def next(self) -> Event | None:
        """Return the next event or comment, or None at the end."""
        while b"\n\n" not in self._rest:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                piece = await self._pieces.get()
            if piece is None:
                self._pieces.put_nowait(None)
                return None
            self._rest += piece
        block, _, self._rest = self._rest.partition(b"\n\n")
        event = parse_event(block.decode())
        if event.id is not None:
            self.seen = event.id
        return event

    async def list_until(self, revision: int) -> list[Event]:
        """Return the events up to the given revision, without comments."""
        found: list[Event] = []
        while self.seen < revision:
            event = await self.next()
            assert event is not None, "the stream has ended"
            if event.type:
                found.append(event)
        return found

    async def list_rest(self) -> list[Event]:
        """Return the events until the end, without comments and the start."""
        found = []
        while (event := await self.next()) is not None:
            if event.type:
                found.append(event)
        return found

    async def disconnect(self) -> None:
        """Disconnect, and wait until the server has noticed."""
        self._left.set()
        self.is_taking.set()
        if self._task is not None:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                await asyncio.wait([self._task])


async def wait_until(is_so: Callable[[], bool]) -> None:
    """Poll until a condition holds, for conditions that send no notification."""
    async with asyncio.timeout(TIMEOUT_SECONDS):
        while not is_so():  # noqa: ASYNC110
            await asyncio.sleep(0.001)


async def get_revision(client: Client) -> int:
    """Return the revision of the workspace that the client acts in."""
    workspace = client.headers.get("Taskstead-Workspace")
    if workspace is None:
        workspace = (await client.get("/auth/me")).json()["personal_workspace_id"]
    answer = await client.get(f"/api/v1/workspaces/{workspace}")
    revision: int = answer.json()["revision"]
    return revision
