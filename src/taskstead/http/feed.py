"""What is new in the workspaces that somebody listens to, read once for all who listen here.

The feed watches the database while there are listeners, reads what a wake-up announces from the
log once for each workspace, and hands the encoded events to each listener. Revisions have no gaps:
so a listener knows what it has missed, and reads that from the log by itself.
"""

import asyncio
import contextlib
import logging
from bisect import bisect_right
from collections import deque
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

from taskstead.db.database import Database
from taskstead.db.statements import Row
from taskstead.errors import TasksteadError
from taskstead.queries.sync import list_events, list_revisions
from taskstead.schemas.events import render_event, render_reset

# How many changes are read and handed on at a time.
_CHUNK = 500
_RETRY_SECONDS = 0.5

logger = logging.getLogger("taskstead.http")


@dataclass(frozen=True, slots=True)
class Chunk:
    """Events that follow one another, encoded.

    Attributes:
        concerns_members: whether there may be fewer now who may see this.
    """

    revisions: list[int]
    events: list[bytes]
    data: bytes
    concerns_members: bool

    def get_after(self, revision: int) -> bytes:
        """Return the events with a higher revision."""
        return b"".join(self.events[bisect_right(self.revisions, revision) :])


def _make_chunk(rows: list[Row]) -> Chunk:
    events = [render_event(row) for row in rows]
    return Chunk(
        [row["revision"] for row in rows],
        events,
        b"".join(events),
        any(row["kind"] in ("member", "workspace") for row in rows),
    )


@dataclass(slots=True)
class _Channel:
    """A workspace that somebody listens to.

    Attributes:
        revision: all changes up to this one were handed on, or were there before.
        is_stale: there may be more in the log.
        is_read: a task reads it now.
    """

    workspace_id: str
    revision: int
    is_stale: bool = False
    is_read: bool = False
    listeners: set["Listener"] = field(default_factory=set)


class Listener:
    """What one client has still to be sent.

    Attributes:
        position: the last revision that was taken.
        is_over: it is to be sent nothing more.
        is_sending: its client is being sent something, and has not taken it yet.
    """

    __slots__ = (
        "_channel",
        "_chunks",
        "_count",
        "_database",
        "_has_news",
        "_most",
        "is_over",
        "is_sending",
        "position",
    )

    def __init__(self, database: Database, channel: _Channel, position: int, most: int) -> None:
        self.position = position
        self.is_over = False
        self.is_sending = False
        self._database = database
        self._channel = channel
        self._most = most
        self._count = 0
        self._chunks: deque[Chunk] = deque()
        self._has_news = asyncio.Event()

    @property
    def workspace_id(self) -> str:
        """The workspace that it listens to."""
        return self._channel.workspace_id

    @property
    def revision(self) -> int:
        """The last revision that this process knows of."""
        return self._channel.revision

    def offer(self, chunk: Chunk) -> None:
        """Have it take events.

        When too many wait for a client that does not take what it is sent, it is sent no more. When
        they wait for this process to come round to it, it reads them from the log.
        """
        self._count += len(chunk.events)
        self._chunks.append(chunk)
        if self._count > self._most:
            self._chunks.clear()
            self._count = 0
            self.is_over = self.is_over or self.is_sending
        self._has_news.set()

    def end(self) -> None:
        """Have it be sent nothing more."""
        self.is_over = True
        self._chunks.clear()
        self._has_news.set()

    async def wait(self, seconds: float) -> None:
        """Wait for news, or for so long."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._has_news.wait(), seconds)
        self._has_news.clear()

    async def take(self) -> Chunk | None:
        """Return what comes next; None when that is nothing for now.

        Raises:
            DatabaseBusyError, DatabaseUnavailableError: what it has missed cannot be read now.
        """
        while self._chunks and self._chunks[0].revisions[-1] <= self.position:
            self._drop_first()
        until = self._chunks[0].revisions[0] - 1 if self._chunks else self._channel.revision
        if self.position < until:
            return await self._read_missed()
        if not self._chunks:
            return None
        chunk = self._drop_first()
        if chunk.revisions[0] <= self.position:
            rest = chunk.get_after(self.position)
            chunk = Chunk(chunk.revisions, chunk.events, rest, chunk.concerns_members)
        self.position = chunk.revisions[-1]
        return chunk

    def _drop_first(self) -> Chunk:
        chunk = self._chunks.popleft()
        self._count -= len(chunk.events)
        return chunk

    async def _read_missed(self) -> Chunk:
        rows = await list_events(
            self._database, self.workspace_id, after=self.position, limit=_CHUNK
        )
        wanted = range(self.position + 1, self.position + 1 + len(rows))
        if not rows or [row["revision"] for row in rows] != list(wanted):
            # The log does not reach back so far any more.
            return self.reset()
        self.position = rows[-1]["revision"]
        return _make_chunk(rows)

    def reset(self) -> Chunk:
        """Go on from now, and say so."""
        self.position = self._channel.revision
        event = render_reset(self.position)
        return Chunk([self.position], [event], event, concerns_members=False)


class EventBroker:
    """All that listen in this process.

    Args:
        database: what is watched and read.
        most_waiting: how many events may wait for a listener.
        linger_seconds: how long to go on watching when nobody listens any more: clients that poll
            come back at once.

    Attributes:
        is_watching: whether it watches the database: somebody listens, or did just now.
    """

    def __init__(
        self, database: Database, *, most_waiting: int, linger_seconds: float = 5.0
    ) -> None:
        self._database = database
        self._most_waiting = most_waiting
        self._linger_seconds = linger_seconds
        self._channels: dict[str, _Channel] = {}
        self._is_empty = asyncio.Event()
        self._is_stopping = False
        self.is_watching = False
        self._is_check_wanted = False
        self._is_checking = False
        self._tasks: set[asyncio.Task[None]] = set()

    def count_listeners(self) -> int:
        """Return how many listen now."""
        return sum(len(channel.listeners) for channel in self._channels.values())

    def listen(self, workspace_id: str, *, known: int, position: int) -> Listener:
        """Begin to listen; :meth:`forget` ends it.

        Args:
            workspace_id: to what.
            known: the workspace's revision, as the database has just told.
            position: the last revision that the client knows.
        """
        channel = self._channels.get(workspace_id)
        is_new = channel is None
        if channel is None:
            channel = self._channels[workspace_id] = _Channel(workspace_id, known)
        listener = Listener(self._database, channel, position, self._most_waiting)
        channel.listeners.add(listener)
        if self._is_stopping:
            listener.end()
        elif not self.is_watching:
            # Once the watching has begun, everything is looked at.
            self.is_watching = True
            self._start(self._watch())
        elif is_new or known > channel.revision:
            self._refresh(channel)
        return listener

    def forget(self, listener: Listener) -> None:
        """End a listener."""
        listener.end()
        channel = self._channels.get(listener.workspace_id)
        if channel is None:
            return
        channel.listeners.discard(listener)
        if not channel.listeners:
            del self._channels[listener.workspace_id]
        if not self._channels:
            self._is_empty.set()

    async def wait_for_change(self, workspace_id: str, *, known: int, seconds: float) -> None:
        """Wait until a workspace is beyond a revision, for so long, or until the server stops."""
        listener = self.listen(workspace_id, known=known, position=known)
        deadline = asyncio.get_running_loop().time() + seconds
        try:
            while listener.revision <= known and not listener.is_over:
                left = deadline - asyncio.get_running_loop().time()
                if left <= 0:
                    return
                await listener.wait(left)
        finally:
            self.forget(listener)

    def stop(self) -> None:
        """End all listeners, and those who come from now on."""
        self._is_stopping = True
        for channel in self._channels.values():
            for listener in channel.listeners:
                listener.end()

    async def close(self) -> None:
        """End all listeners and what is done for them."""
        self.stop()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _watch(self) -> None:
        async with self._database.watch(self._notice):
            while True:
                await self._is_empty.wait()
                self._is_empty.clear()
                await asyncio.sleep(self._linger_seconds)
                if not self._channels:
                    # At once, without any waiting: who comes now starts another one.
                    self.is_watching = False
                    return

    def _notice(self, workspace_id: str | None) -> None:
        if workspace_id is not None:
            channel = self._channels.get(workspace_id)
            if channel is not None:
                self._refresh(channel)
            return
        self._is_check_wanted = True
        if not self._is_checking:
            self._is_checking = True
            self._start(self._check_all())

    async def _check_all(self) -> None:
        """Find out which workspaces have changed, by one statement for all."""
        try:
            while self._is_check_wanted and self._channels:
                self._is_check_wanted = False
                try:
                    revisions = await list_revisions(self._database, list(self._channels))
                except TasksteadError:
                    self._is_check_wanted = True
                    await asyncio.sleep(_RETRY_SECONDS)
                    continue
                for workspace_id, revision in revisions.items():
                    channel = self._channels.get(workspace_id)
                    if channel is not None and revision > channel.revision:
                        self._refresh(channel)
        finally:
            self._is_checking = False

    def _refresh(self, channel: _Channel) -> None:
        channel.is_stale = True
        if not channel.is_read:
            channel.is_read = True
            self._start(self._read(channel))

    async def _read(self, channel: _Channel) -> None:
        """Hand on what the log has beyond what was handed on."""
        try:
            while channel.is_stale and channel.listeners:
                channel.is_stale = False
                try:
                    rows = await list_events(
                        self._database,
                        channel.workspace_id,
                        after=channel.revision,
                        limit=_CHUNK,
                    )
                except TasksteadError as error:
                    logger.debug("Events cannot be read now: %s", error.detail)
                    channel.is_stale = True
                    await asyncio.sleep(_RETRY_SECONDS)
                    continue
                if not rows:
                    continue
                chunk = _make_chunk(rows)
                channel.revision = chunk.revisions[-1]
                channel.is_stale = channel.is_stale or len(rows) == _CHUNK
                for listener in list(channel.listeners):
                    listener.offer(chunk)
        finally:
            channel.is_read = False
