"""Commit notifications between server processes, with PostgreSQL's LISTEN and NOTIFY.

A notification is sent after the commit and not within the transaction. PostgreSQL serializes the
commits of transactions that use NOTIFY, including their disk writes (see docs/decisions/0018). A
notification is lost if the process dies between the commit and the notification. Listeners
therefore also check for changes every few seconds.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager

from taskstead.db.commit_listeners import CommitListener
from taskstead.db.postgresql.pool import Connection
from taskstead.ids import make_id

CHANNEL = "taskstead_commits"

# Minimum time between two notifications of a process. Commits within this time share one
# notification.
_PAUSE_SECONDS = 0.05
# A payload must be shorter than 8,000 bytes, and an id has 36 characters.
_IDS_PER_NOTIFICATION = 150
# Interval at which listeners check for changes and for a lost connection.
_POLL_SECONDS = 5.0
_RECONNECT_SECONDS = 0.5
_RESPONSE_SECONDS = 5.0
_CLOSE_SECONDS = 1.0

# A notification need not be durable, so its transaction does not wait for the disk.
_NOTIFY = (
    "SELECT set_config('synchronous_commit', 'off', true), pg_notify($1, payload) "
    "FROM unnest($2::text[]) AS payload"
)

logger = logging.getLogger("taskstead.database")


class CommitNotifications:
    """Sends and receives the commit notifications of one process.

    Args:
        checkout: checks a connection out of the pool, for sending.
        connect: opens a connection, for listening.
    """

    def __init__(
        self,
        checkout: Callable[[], AbstractAsyncContextManager[Connection]],
        connect: Callable[[], Awaitable[Connection]],
    ) -> None:
        self._checkout = checkout
        self._connect = connect
        # Part of each notification, so that the process can ignore its own notifications.
        self._name = make_id()[-12:]
        self._pending: set[str] = set()
        self._sender: asyncio.Task[None] | None = None
        self._is_closing = asyncio.Event()

    def send(self, workspace_ids: Iterable[str]) -> None:
        """Schedule notifications of the other processes about commits to these workspaces."""
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
            f"{self._name} {','.join(ids[start : start + _IDS_PER_NOTIFICATION])}"
            for start in range(0, len(ids), _IDS_PER_NOTIFICATION)
        ]
        try:
            async with self._checkout() as connection:
                await connection.execute(_NOTIFY, CHANNEL, payloads)
        except Exception as error:  # noqa: BLE001 - listeners also poll
            logger.debug("Commit notifications could not be sent: %s", error)

    async def close(self) -> None:
        """Send the pending notifications."""
        # The sender is not cancelled, because its notifications would be lost.
        self._is_closing.set()
        if self._sender is not None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._sender, _RESPONSE_SECONDS)

    async def listen(self, listener: CommitListener) -> None:
        """Call a listener for each notification of another process, until the task is cancelled.

        The listener is also called with None when a connection begins to listen and every few
        seconds, because notifications may have been lost.
        """
        while True:
            try:
                await self._listen_once(listener)
            except Exception as error:  # noqa: BLE001 - retried below
                logger.debug("Listening for commits was interrupted: %s", error)
            await asyncio.sleep(_RECONNECT_SECONDS)

    async def _listen_once(self, listener: CommitListener) -> None:
        """Open a connection and listen until it is lost."""
        connection = await self._connect()
        try:
            lost = asyncio.Event()
            connection.add_termination_listener(lambda _: lost.set())
            await connection.add_listener(
                # asyncpg passes the connection, the process id, the channel and the payload.
                CHANNEL,
                lambda *arguments: self._receive(str(arguments[3]), listener),
            )
            while not lost.is_set():
                listener(None)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(lost.wait(), _POLL_SECONDS)
                # Detects a connection whose server disappeared without closing it.
                await connection.execute("SELECT 1", timeout=_RESPONSE_SECONDS)
        finally:
            with contextlib.suppress(Exception):
                await connection.close(timeout=_CLOSE_SECONDS)

    def _receive(self, payload: str, listener: CommitListener) -> None:
        name, _, ids = payload.partition(" ")
        if name == self._name:
            return
        for workspace_id in ids.split(","):
            listener(workspace_id)
