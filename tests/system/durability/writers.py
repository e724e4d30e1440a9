"""Clients that write continuously and record the acknowledged writes."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import httpx2

from taskstead.ids import make_id
from tests.harness.client import Client

Look = Callable[[httpx2.Response], None]

UNAVAILABLE = 503
PAUSE_SECONDS = 0.02
# Generous: reached only if something hangs.
TIMEOUT_SECONDS = 120.0


class State(NamedTuple):
    """The part of a task's state that a client knows."""

    title: str
    is_trashed: bool


@dataclass
class ExpectedTask:
    """A task as its only writer knows it.

    Attributes:
        states: the possible states. There is one, or two after an unanswered request: the one
            before it and the one after it. None means that the task does not exist.
        revision: the last acknowledged revision.
    """

    id: str
    states: list[State | None] = field(default_factory=lambda: [None])
    revision: int = 0


@dataclass
class Ledger:
    """The acknowledged writes of the clients of a workspace.

    Attributes:
        tasks: all tasks in any request.
        revisions: the task of each acknowledged revision.
        unanswered: the number of requests without an answer, or with one that leaves the outcome
            unknown.
    """

    workspace_id: str
    client: Client
    tasks: list[ExpectedTask] = field(default_factory=list)
    revisions: dict[int, str] = field(default_factory=dict)
    unanswered: int = 0


class Writer:
    """Creates, changes, trashes and restores tasks that no other client writes.

    Args:
        ledger: the record of its writes.
        base_url: the URL of the server.
        chance: the source of randomness.
        look: a function that receives every response.
    """

    def __init__(
        self, ledger: Ledger, base_url: str, chance: random.Random, look: Look | None = None
    ) -> None:
        self._ledger = ledger
        self._base_url = base_url
        self._chance = chance
        self._look = look
        self._own: list[ExpectedTask] = []

    async def write(self, stop: asyncio.Event) -> None:
        """Write until the event is set or the server is unreachable."""
        async with httpx2.AsyncClient(base_url=self._base_url, timeout=TIMEOUT_SECONDS) as http:
            client = Client(http, self._ledger.client.headers)
            while not stop.is_set():
                try:
                    await self._write_one(client)
                except httpx2.TransportError:
                    return

    async def _write_one(self, client: Client) -> None:
        known, method, path, body, after = self._choose()
        self._ledger.unanswered += 1
        # Both states are possible until there is an answer, and permanently if there is none.
        known.states.append(after)
        options = {} if body is None else {"json": body}
        answer = await client.request(method, path, **options)
        if self._look is not None:
            self._look(answer)
        if answer.status_code == UNAVAILABLE:
            self._forget(known)
            await asyncio.sleep(PAUSE_SECONDS)
            return
        assert answer.status_code in (200, 201, 204), answer.text
        self._ledger.unanswered -= 1
        known.states = [after]
        if answer.status_code != 204:
            known.revision = answer.json()["revision"]
            assert known.revision not in self._ledger.revisions, "a revision was returned twice"
            self._ledger.revisions[known.revision] = known.id

    def _choose(self) -> tuple[ExpectedTask, str, str, dict[str, Any] | None, State]:
        title = f"Title {self._chance.random()}"
        # A task with an unanswered request is not used any more.
        known = self._chance.choice(self._own) if self._own else None
        if known is None or len(known.states) > 1 or self._chance.random() < 0.4:
            known = ExpectedTask(make_id())
            self._own.append(known)
            self._ledger.tasks.append(known)
            body = {"id": known.id, "title": title, "tags": [title[-1]], "category": title[-2]}
            return known, "POST", "/api/v1/tasks", body, State(title, is_trashed=False)
        (state,) = known.states
        path = f"/api/v1/tasks/{known.id}"
        if state is not None and state.is_trashed:
            return known, "POST", f"{path}/restore", None, state._replace(is_trashed=False)
        if state is not None and self._chance.random() < 0.2:
            return known, "DELETE", path, None, state._replace(is_trashed=True)
        return known, "PATCH", path, {"title": title}, State(title, is_trashed=False)

    def _forget(self, known: ExpectedTask) -> None:
        self._own.remove(known)
