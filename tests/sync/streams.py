"""Streams of events from an application in this process, read piece by piece."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI

from tests.client import Client

EVENTS = "/api/v1/events"
# Only a hang takes so long.
PATIENCE_SECONDS = 120


@dataclass
class Event:
    """An event, or with neither type nor data a comment or the beginning."""

    type: str = ""
    id: int | None = None
    data: Any = None
    comment: str = ""


def parse_event(block: str) -> Event:
    """Parse one event, without the empty line behind it."""
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
    """One open stream, or another answer that takes its time.

    Attributes:
        path: where it comes from.
        status: of the answer.
        headers: of the answer.
        is_taking: cleared, it takes nothing more, as a client behind a full connection.
        is_held_up: something was sent that it does not take.
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
        """Send the request, and wait for the status."""
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
        async with asyncio.timeout(PATIENCE_SECONDS):
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
        """Return the next event or comment; None at the end."""
        while b"\n\n" not in self._rest:
            async with asyncio.timeout(PATIENCE_SECONDS):
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
        """Return the events up to one with this revision, without comments."""
        found: list[Event] = []
        while self.seen < revision:
            event = await self.next()
            assert event is not None, "the stream has ended"
            if event.type:
                found.append(event)
        return found

    async def list_rest(self) -> list[Event]:
        """Return what comes until the end, without comments and the beginning."""
        found = []
        while (event := await self.next()) is not None:
            if event.type:
                found.append(event)
        return found

    async def leave(self) -> None:
        """Go away, and wait until the server has noticed."""
        self._left.set()
        self.is_taking.set()
        if self._task is not None:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await asyncio.wait([self._task])


async def wait_until(is_so: Callable[[], bool]) -> None:
    """Wait until something is so; nothing here tells when."""
    async with asyncio.timeout(PATIENCE_SECONDS):
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
