"""Event broker: reads new changes once per workspace and passes them to all local listeners.

A listener is the queue of one event stream or long poll in this process. While there are listeners,
the broker watches the database for commits. When a workspace has new changes, the broker reads them
from the change log once and adds the encoded events to the queues. The revisions of a workspace
have no gaps. A gap in a queue therefore shows that the listener has missed changes, and the
listener reads them from the log.
"""

import asyncio
import contextlib
import logging
from bisect import bisect_right
from collections import deque
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from taskstead.db.database import Database
from taskstead.errors import TasksteadError
from taskstead.formats.sse import render_event, render_reset
from taskstead.queries.history.sync import list_events, list_revisions
from taskstead.tables.changes import EventRow

# The maximum number of changes per read of the log.
_CHUNK_SIZE = 500
_RETRY_SECONDS = 0.5

logger = logging.getLogger("taskstead.events")


@dataclass(frozen=True)
class Chunk:
    """Encoded events with consecutive revisions.

    Attributes:
        revisions: the revision of each event, in ascending order.
        events: the encoded events.
        visible_to: for each event, the id of the only user who may see it; None for all members.
        concerns_members: whether a change of the workspace or its members is included, so that the
            client may have lost its access.
    """

    revisions: list[int]
    events: list[bytes]
    visible_to: list[str | None]
    concerns_members: bool

    @cached_property
    def public_data(self) -> bytes | None:
        """The bytes to send to all listeners; None if the events differ between users."""
        return None if any(self.visible_to) else b"".join(self.events)

    def get_data(self, user_id: str) -> bytes:
        """Return the bytes to send to a user: the events that the user may see."""
        if self.public_data is not None:
            return self.public_data
        pairs = zip(self.events, self.visible_to, strict=True)
        return b"".join(event for event, visible_to in pairs if visible_to in (None, user_id))

    def get_after(self, revision: int) -> "Chunk":
        """Return a chunk of the events with a higher revision."""
        start = bisect_right(self.revisions, revision)
        return Chunk(
            self.revisions[start:],
            self.events[start:],
            self.visible_to[start:],
            self.concerns_members,
        )


def _encode_chunk(rows: Sequence[EventRow]) -> Chunk:
    return Chunk(
        [row["revision"] for row in rows],
        [render_event(row) for row in rows],
        [row["visible_to"] for row in rows],
        any(row["kind"] in ("member", "workspace") for row in rows),
    )


@dataclass(slots=True)
class _Channel:
    """The state of one workspace that has listeners.

    Attributes:
        revision: the last revision that was passed to the listeners. Initially, the revision of the
            workspace when the channel was created.
        is_stale: whether the log may have changes after ``revision``.
        is_reading: whether an asyncio task is reading the log.
    """

    workspace_id: str
    revision: int
    is_stale: bool = False
    is_reading: bool = False
    listeners: set["Listener"] = field(default_factory=set)


class Listener:
    """The event queue of one client.

    Attributes:
        last_revision: the revision of the last event that was returned by ``take_next``.
        needs_reset: whether :meth:`reset` must be called first. The client has a later revision
            than the server, for example after a backup was restored.
        has_ended: whether the listener returns no more events.
        is_sending: whether a send to the client is in progress.
    """

    __slots__ = (
        "_channel",
        "_chunks",
        "_database",
        "_has_events",
        "_max_queued",
        "_queued_events",
        "has_ended",
        "is_sending",
        "last_revision",
        "needs_reset",
    )

    def __init__(
        self, database: Database, channel: _Channel, last_revision: int, max_queued: int
    ) -> None:
        self.last_revision = last_revision
        self.needs_reset = False
        self.has_ended = False
        self.is_sending = False
        self._database = database
        self._channel = channel
        self._max_queued = max_queued
        self._queued_events = 0
        self._chunks: deque[Chunk] = deque()
        self._has_events = asyncio.Event()

    @property
    def workspace_id(self) -> str:
        """The id of the workspace."""
        return self._channel.workspace_id

    @property
    def revision(self) -> int:
        """The last revision of the workspace that this process has read."""
        return self._channel.revision

    def enqueue(self, chunk: Chunk) -> None:
        """Add events to the queue.

        If the queue overflows while a send is in progress, the client is too slow. The listener
        ends. If it overflows at another time, this process is too slow. The queue is then cleared,
        and the listener reads the events from the log later.
        """
        self._queued_events += len(chunk.events)
        self._chunks.append(chunk)
        if self._queued_events > self._max_queued:
            self._chunks.clear()
            self._queued_events = 0
            self.has_ended = self.has_ended or self.is_sending
        self._has_events.set()

    def end(self) -> None:
        """End the listener and clear its queue."""
        self.has_ended = True
        self._chunks.clear()
        self._has_events.set()

    async def wait(self, seconds: float) -> None:
        """Wait for new events, at most this many seconds."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._has_events.wait(), seconds)
        self._has_events.clear()

    async def take_next(self) -> Chunk | None:
        """Return the next events, or None if there are none.

        Raises:
            DatabaseBusyError, DatabaseUnavailableError: missed events cannot be read from the log.
        """
        while self._chunks and self._chunks[0].revisions[-1] <= self.last_revision:
            self._pop_chunk()
        first_queued = self._chunks[0].revisions[0] - 1 if self._chunks else self._channel.revision
        if self.last_revision < first_queued:
            return await self._read_missed()
        if not self._chunks:
            return None
        chunk = self._pop_chunk()
        if chunk.revisions[0] <= self.last_revision:
            chunk = chunk.get_after(self.last_revision)
        self.last_revision = chunk.revisions[-1]
        return chunk

    def _pop_chunk(self) -> Chunk:
        chunk = self._chunks.popleft()
        self._queued_events -= len(chunk.events)
        return chunk

    async def _read_missed(self) -> Chunk:
        rows = await list_events(
            self._database, self.workspace_id, after=self.last_revision, limit=_CHUNK_SIZE
        )
        expected = range(self.last_revision + 1, self.last_revision + 1 + len(rows))
        if not rows or [row["revision"] for row in rows] != list(expected):
            # Housekeeping has removed the missed changes from the log.
            return self.reset()
        self.last_revision = rows[-1]["revision"]
        return _encode_chunk(rows)

    def reset(self) -> Chunk:
        """Continue at the current revision and return a reset event for the client."""
        self.needs_reset = False
        self.last_revision = self._channel.revision
        event = render_reset(self.last_revision)
        return Chunk([self.last_revision], [event], [None], concerns_members=False)


class EventBroker:
    """The event broker of this process.

    Args:
        database: the database to watch and read.
        max_queued: the maximum length of a listener's queue.
        linger_seconds: how long to keep watching the database after the last listener has ended.
            Clients that use long polling reconnect soon.

    Attributes:
        is_watching: whether the database is being watched.
    """

    def __init__(self, database: Database, *, max_queued: int, linger_seconds: float = 5.0) -> None:
        self._database = database
        self._max_queued = max_queued
        self._linger_seconds = linger_seconds
        self._channels: dict[str, _Channel] = {}
        self._is_empty = asyncio.Event()
        self._is_stopping = False
        self.is_watching = False
        self._is_check_pending = False
        self._is_checking = False
        self._tasks: set[asyncio.Task[None]] = set()

    def count_listeners(self) -> int:
        """Return the number of listeners."""
        return sum(len(channel.listeners) for channel in self._channels.values())

    def subscribe(
        self, workspace_id: str, *, current_revision: int, last_revision: int | None
    ) -> Listener:
        """Return a new listener; :meth:`unsubscribe` must be called at its end.

        Args:
            workspace_id: the workspace.
            current_revision: the workspace's current revision, just read from the database.
            last_revision: the last revision that the client has; None for the current one.
        """
        channel = self._channels.get(workspace_id)
        is_new = channel is None
        if channel is None:
            channel = self._channels[workspace_id] = _Channel(workspace_id, current_revision)
        needs_reset = last_revision is not None and last_revision > current_revision
        first = current_revision if last_revision is None or needs_reset else last_revision
        listener = Listener(self._database, channel, first, self._max_queued)
        listener.needs_reset = needs_reset
        channel.listeners.add(listener)
        if self._is_stopping:
            listener.end()
        elif not self.is_watching:
            # A new watch first checks all workspaces, so this channel needs no separate read.
            self.is_watching = True
            self._start_task(self._watch_commits())
        elif is_new or current_revision > channel.revision:
            self._schedule_read(channel)
        return listener

    def unsubscribe(self, listener: Listener) -> None:
        """End and remove a listener."""
        listener.end()
        channel = self._channels.get(listener.workspace_id)
        if channel is None:
            return
        channel.listeners.discard(listener)
        if not channel.listeners:
            del self._channels[listener.workspace_id]
        if not self._channels:
            self._is_empty.set()

    async def wait_for_change(
        self, workspace_id: str, *, after_revision: int, seconds: float
    ) -> None:
        """Wait until the workspace has a revision above ``after_revision``.

        The wait also ends after a timeout or when the server stops.
        """
        listener = self.subscribe(
            workspace_id, current_revision=after_revision, last_revision=after_revision
        )
        deadline = asyncio.get_running_loop().time() + seconds
        try:
            while listener.revision <= after_revision and not listener.has_ended:
                seconds_left = deadline - asyncio.get_running_loop().time()
                if seconds_left <= 0:
                    return
                await listener.wait(seconds_left)
        finally:
            self.unsubscribe(listener)

    def stop(self) -> None:
        """End all listeners. Listeners created later end at once."""
        self._is_stopping = True
        for channel in self._channels.values():
            for listener in channel.listeners:
                listener.end()

    async def close(self) -> None:
        """End all listeners and background tasks."""
        self.stop()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    def _start_task(self, coroutine: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _watch_commits(self) -> None:
        async with self._database.watch(self._on_commit):
            while True:
                await self._is_empty.wait()
                self._is_empty.clear()
                await asyncio.sleep(self._linger_seconds)
                if not self._channels:
                    # There must be no await between the check and this assignment. A listener that
                    # subscribes later then starts a new watch.
                    self.is_watching = False
                    return

    def _on_commit(self, workspace_id: str | None) -> None:
        if workspace_id is not None:
            channel = self._channels.get(workspace_id)
            if channel is not None:
                self._schedule_read(channel)
            return
        self._is_check_pending = True
        if not self._is_checking:
            self._is_checking = True
            self._start_task(self._check_all())

    async def _check_all(self) -> None:
        """Find the changed workspaces with one statement and read their changes."""
        try:
            while self._is_check_pending and self._channels:
                self._is_check_pending = False
                try:
                    revisions = await list_revisions(self._database, list(self._channels))
                except TasksteadError:
                    self._is_check_pending = True
                    await asyncio.sleep(_RETRY_SECONDS)
                    continue
                for workspace_id, revision in revisions.items():
                    channel = self._channels.get(workspace_id)
                    if channel is not None and revision > channel.revision:
                        self._schedule_read(channel)
        finally:
            self._is_checking = False

    def _schedule_read(self, channel: _Channel) -> None:
        channel.is_stale = True
        if not channel.is_reading:
            channel.is_reading = True
            self._start_task(self._read_changes(channel))

    async def _read_changes(self, channel: _Channel) -> None:
        """Read new changes from the log and pass them to the listeners."""
        try:
            while channel.is_stale and channel.listeners:
                channel.is_stale = False
                try:
                    rows = await list_events(
                        self._database,
                        channel.workspace_id,
                        after=channel.revision,
                        limit=_CHUNK_SIZE,
                    )
                except TasksteadError as error:
                    logger.debug("Cannot read events: %s", error.detail)
                    channel.is_stale = True
                    await asyncio.sleep(_RETRY_SECONDS)
                    continue
                if not rows:
                    continue
                chunk = _encode_chunk(rows)
                channel.revision = chunk.revisions[-1]
                channel.is_stale = channel.is_stale or len(rows) == _CHUNK_SIZE
                for listener in list(channel.listeners):
                    listener.enqueue(chunk)
        finally:
            channel.is_reading = False
