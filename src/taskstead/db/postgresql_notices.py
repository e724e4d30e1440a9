"""Telling other processes of commits by NOTIFY, and hearing of theirs by LISTEN.

The notice is sent after the commit, not in the transaction: PostgreSQL lets transactions that
NOTIFY commit one at a time, disk and all. See docs/decisions/ for what that would cost. What is
lost with a process that dies in between is found by the listeners' own looks, every few seconds.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager

from taskstead.db.commits import Notice
from taskstead.db.pool import Connection
from taskstead.ids import make_id

CHANNEL = "taskstead_commits"

# The least time between two notices of one process: many writes are one notice.
_PAUSE_SECONDS = 0.05
# A payload is less than 8,000 bytes; this is how many ids of 36 characters fit with room to spare.
_IDS_PER_NOTICE = 150
# How often listeners look for themselves, and how long a dead connection goes unnoticed.
_LOOK_SECONDS = 5.0
_RECONNECT_SECONDS = 0.5
_ANSWER_SECONDS = 5.0
_CLOSE_SECONDS = 1.0

# Nobody needs to wait for the disk for a notice.
_NOTIFY = (
    "SELECT set_config('synchronous_commit', 'off', true), pg_notify($1, payload) "
    "FROM unnest($2::text[]) AS payload"
)

logger = logging.getLogger("taskstead.db")


class Notices:
    """The notices of one process.

    Args:
        lend: lends a connection, to send with.
        connect: opens one, to listen on.
    """

    def __init__(
        self,
        lend: Callable[[], AbstractAsyncContextManager[Connection]],
        connect: Callable[[], Awaitable[Connection]],
    ) -> None:
        self._lend = lend
        self._connect = connect
        # By this a process knows its own notices, of which it has heard already.
        self._name = make_id()[-12:]
        self._pending: set[str] = set()
        self._sender: asyncio.Task[None] | None = None
        self._is_closing = asyncio.Event()

    def send(self, workspace_ids: Iterable[str]) -> None:
        """Have the other processes told, soon."""
        self._pending.update(workspace_ids)
        if self._pending and self._sender is None:
            self._sender = asyncio.create_task(self._send())

    async def _send(self) -> None:
        try:
            while self._pending:
                await self._send_pending()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_PAUSE_SECONDS):
                        await self._is_closing.wait()
        finally:
            self._sender = None

    async def _send_pending(self) -> None:
        ids = sorted(self._pending)
        self._pending.clear()
        payloads = [
            f"{self._name} {','.join(ids[start : start + _IDS_PER_NOTICE])}"
            for start in range(0, len(ids), _IDS_PER_NOTICE)
        ]
        try:
            async with self._lend() as connection:
                await connection.execute(_NOTIFY, CHANNEL, payloads)
        except Exception as error:  # noqa: BLE001 - whatever it is, the listeners look for themselves
            logger.debug("Other processes could not be told of commits: %s", error)

    async def close(self) -> None:
        """Send what is still to be sent."""
        # It is not broken off: what it is sending would be lost.
        self._is_closing.set()
        if self._sender is not None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._sender, _ANSWER_SECONDS)

    async def listen(self, notice: Notice) -> None:
        """Call a function at each notice of another process, until this task is cancelled.

        It is also called with None: when listening has begun (again), and every few seconds.
        """
        while True:
            try:
                await self._listen_once(notice)
            except Exception as error:  # noqa: BLE001 - the database may be back in a moment
                logger.debug("Listening for commits was interrupted: %s", error)
            await asyncio.sleep(_RECONNECT_SECONDS)

    async def _listen_once(self, notice: Notice) -> None:
        """Listen until the connection is lost."""
        connection = await self._connect()
        try:
            lost = asyncio.Event()
            connection.add_termination_listener(lambda _: lost.set())
            await connection.add_listener(CHANNEL, lambda *given: self._hear(str(given[3]), notice))
            while not lost.is_set():
                notice(None)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(lost.wait(), _LOOK_SECONDS)
                # A connection whose other end is gone without a word is found out by this.
                await connection.execute("SELECT 1", timeout=_ANSWER_SECONDS)
        finally:
            with contextlib.suppress(Exception):
                await connection.close(timeout=_CLOSE_SECONDS)

    def _hear(self, payload: str, notice: Notice) -> None:
        name, _, ids = payload.partition(" ")
        if name == self._name:
            return
        for workspace_id in ids.split(","):
            notice(workspace_id)
