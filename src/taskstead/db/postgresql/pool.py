"""Fixed-size pool of PostgreSQL connections with an acquire timeout.

It differs from asyncpg's own pool in three ways. It does not run a query to reset a connection at
each release, its queue is fair between workspaces (``db/lane.py``), and it exposes its state for
metrics. Broken connections are closed, and new ones are opened when they are needed.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeAlias

import asyncpg

from taskstead.db.acquire_timeout import AcquireTimeout
from taskstead.db.lane import Lane
from taskstead.errors import DatabaseUnavailableError
from taskstead.observability.query_stats import Meter

if TYPE_CHECKING:
    Connection: TypeAlias = asyncpg.Connection[asyncpg.Record]
else:
    Connection = asyncpg.Connection


_CLOSE_SECONDS = 2


async def _close(connection: Connection) -> None:
    # If the timeout expires, asyncpg terminates the connection, so the error can be ignored.
    with contextlib.suppress(Exception):
        await connection.close(timeout=_CLOSE_SECONDS)


class Pool:
    """Pool of up to ``size`` connections.

    Connections are opened when they are needed and then stay open.
    """

    def __init__(
        self,
        connect: Callable[[], Awaitable[Connection]],
        *,
        size: int,
        acquire_timeout: AcquireTimeout,
        meter: Meter,
    ) -> None:
        self._connect = connect
        self._lane = Lane(size, acquire_timeout=acquire_timeout, meter=meter)
        # Used as a stack, because the connection that was released last has the warmest caches.
        self._idle: list[Connection] = []
        # Connections that are being opened or closed; each counts as in use.
        self._changing: set[asyncio.Future[Any]] = set()
        self._is_closed = False

    @property
    def size(self) -> int:
        """Maximum number of connections."""
        return self._lane.size

    @property
    def in_use(self) -> int:
        """Number of connections that are checked out, being opened or being closed."""
        return self._lane.in_use

    @property
    def waiting(self) -> int:
        """Number of callers that wait for a connection."""
        return self._lane.waiting

    @property
    def acquire_timeout(self) -> AcquireTimeout:
        """The acquire timeout of the queue.

        Code that uses a connection calls its ``note_progress`` after a successful use. This shows
        that the queue makes progress.
        """
        return self._lane.acquire_timeout

    async def acquire(self) -> Connection:
        """Check out a connection. The caller must return it with :meth:`release`.

        Raises:
            DatabaseBusyError: no connection became free within the acquire timeout.
            DatabaseUnavailableError: the pool has been closed.
            OSError, asyncpg.PostgresError: a new connection could not be opened.
        """
        if self._is_closed:
            raise DatabaseUnavailableError
        await self._lane.acquire()
        while self._idle:
            connection = self._idle.pop()
            if not connection.is_closed():
                return connection
        return await self._open()

    def release(self, connection: Connection, *, broken: bool = False) -> None:
        """Return a connection to the pool. A broken connection is closed instead."""
        if (broken or self._is_closed) and not connection.is_closed():
            self._track(asyncio.ensure_future(self._retire(connection)))
            return
        if not connection.is_closed():
            self._idle.append(connection)
        self._lane.release()

    async def close(self) -> None:
        """Close the idle connections. Connections in use are closed when they are released."""
        self._is_closed = True
        idle, self._idle = self._idle, []
        await asyncio.gather(*(_close(connection) for connection in idle))
        await self.settle()

    async def settle(self) -> None:
        """Wait until no connection is being opened or closed."""
        while self._changing:
            await asyncio.wait(self._changing)

    async def _open(self) -> Connection:
        """Open a connection in a separate task, which continues if the caller is cancelled.

        asyncpg cannot cleanly abort opening a connection. Finishing takes no longer than aborting.
        """
        opening = asyncio.ensure_future(self._connect())
        self._track(opening)
        try:
            return await asyncio.shield(opening)
        except asyncio.CancelledError:
            opening.add_done_callback(self._release_opened)
            raise
        except BaseException:
            self._lane.release()
            raise

    async def _retire(self, connection: Connection) -> None:
        """Close a connection. Its slot is released when it is closed or the close times out.

        Until then the server may still be running its statement.
        """
        try:
            await _close(connection)
        finally:
            self._lane.release()

    def _track(self, change: asyncio.Future[Any]) -> None:
        self._changing.add(change)
        change.add_done_callback(self._changing.discard)

    def _release_opened(self, opened: asyncio.Future[Connection]) -> None:
        if opened.cancelled() or opened.exception() is not None:
            self._lane.release()
        else:
            self.release(opened.result())
