"""Clients that write as fast as they can and remember what they were told."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import httpx2

from taskstead.ids import make_id
from tests.client import Client

Look = Callable[[httpx2.Response], None]

UNAVAILABLE = 503
PAUSE_SECONDS = 0.02
# For what has to happen: only a hang takes so long.
PATIENCE_SECONDS = 120.0


class State(NamedTuple):
    """What a client can tell of a task."""

    title: str
    is_trashed: bool


@dataclass
class MinimumRevision:
    """A task as its one writer knows it.

    Attributes:
        states: what it may be: one state, or, after a request without an answer, what it was
            before and would be after. None is a task that is not there.
        revision: the last that was acknowledged.
    """

    id: str
    states: list[State | None] = field(default_factory=lambda: [None])
    revision: int = 0


@dataclass
class Ledger:
    """What the clients of a workspace were told.

    Attributes:
        tasks: all that were ever named to the server.
        revisions: which task each acknowledged revision was given to.
        unanswered: how many requests had no answer, or one that says that nobody knows.
    """

    workspace_id: str
    client: Client
    tasks: list[MinimumRevision] = field(default_factory=list)
    revisions: dict[int, str] = field(default_factory=dict)
    unanswered: int = 0


class Writer:
    """Creates, changes, trashes and restores tasks that nobody else touches.

    Args:
        ledger: where it notes what it was told.
        base_url: of the server.
        chance: what it does.
        look: is shown every answer.
    """

    def __init__(
        self, ledger: Ledger, base_url: str, chance: random.Random, look: Look | None = None
    ) -> None:
        self._ledger = ledger
        self._base_url = base_url
        self._chance = chance
        self._look = look
        self._own: list[MinimumRevision] = []

    async def write(self, stop: asyncio.Event) -> None:
        """Write until told to stop, or until the server has gone."""
        async with httpx2.AsyncClient(base_url=self._base_url, timeout=PATIENCE_SECONDS) as http:
            client = Client(http, self._ledger.client.headers)
            while not stop.is_set():
                try:
                    await self._write_one(client)
                except httpx2.TransportError:
                    return

    async def _write_one(self, client: Client) -> None:
        known, method, path, body, after = self._choose()
        self._ledger.unanswered += 1
        # Until there is an answer, and for good if there is none.
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
            assert known.revision not in self._ledger.revisions, "a revision was given twice"
            self._ledger.revisions[known.revision] = known.id

    def _choose(self) -> tuple[MinimumRevision, str, str, dict[str, Any] | None, State]:
        title = f"Title {self._chance.random()}"
        # A request that was cut off leaves its task to nobody.
        known = self._chance.choice(self._own) if self._own else None
        if known is None or len(known.states) > 1 or self._chance.random() < 0.4:
            known = MinimumRevision(make_id())
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

    def _forget(self, known: MinimumRevision) -> None:
        self._own.remove(known)
