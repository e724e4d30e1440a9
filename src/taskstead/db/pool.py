"""A pool of PostgreSQL connections: a fixed number, a bounded wait, broken ones replaced.

asyncpg's own pool resets a connection by a query at each release and has no bound on its wait for
an acquire that is also the answer to "why is it slow": this one does neither and shows its state.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeAlias

import asyncpg

from taskstead.db.lane import Lane
from taskstead.db.patience import AcquireTimeout
from taskstead.errors import DatabaseUnavailableError
from taskstead.telemetry.statements import Meter

if TYPE_CHECKING:
    Connection: TypeAlias = asyncpg.Connection[asyncpg.Record]
else:
    Connection = asyncpg.Connection


_CLOSE_SECONDS = 2


async def _close(connection: Connection) -> None:
    # What cannot be closed in time is cut off, and there is nobody to tell.
    with contextlib.suppress(Exception):
        await connection.close(timeout=_CLOSE_SECONDS)


class Pool:
    """Up to ``size`` connections, opened when first needed and then kept."""

    def __init__(
        self,
        connect: Callable[[], Awaitable[Connection]],
        *,
        size: int,
        patience: AcquireTimeout,
        meter: Meter,
    ) -> None:
        self._connect = connect
        self._lane = Lane(size, patience=patience, meter=meter)
        # The last one given back is the next one used: its caches are warm.
        self._idle: list[Connection] = []
        # Connections that are being opened or closed; each counts as in use.
        self._changing: set[asyncio.Future[Any]] = set()
        self._is_closed = False

    @property
    def size(self) -> int:
        """The most connections there will ever be."""
        return self._lane.size

    @property
    def in_use(self) -> int:
        """Connections handed out now."""
        return self._lane.in_use

    @property
    def waiting(self) -> int:
        """Callers that wait for a connection now."""
        return self._lane.waiting

    @property
    def patience(self) -> AcquireTimeout:
        """Bounds the wait for a connection; who uses one reports progress to it."""
        return self._lane.patience

    async def acquire(self) -> Connection:
        """Hand out a connection; give it back with :meth:`release`.

        Raises:
            DatabaseBusyError: none became free within the bounded wait.
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
        """Take a connection back; a broken one is closed and replaced at the next need."""
        if (broken or self._is_closed) and not connection.is_closed():
            self._follow(asyncio.ensure_future(self._retire(connection)))
            return
        if not connection.is_closed():
            self._idle.append(connection)
        self._lane.release()

    async def close(self) -> None:
        """Close the idle connections; one in use is closed when it is given back."""
        self._is_closed = True
        idle, self._idle = self._idle, []
        await asyncio.gather(*(_close(connection) for connection in idle))
        await self.settle()

    async def settle(self) -> None:
        """Wait until no connection is being opened or closed."""
        while self._changing:
            await asyncio.wait(self._changing)

    async def _open(self) -> Connection:
        """Open a connection in a task of its own: whoever wants it may go away meanwhile.

        Breaking off costs as much as going on, and asyncpg has no tidy way to do it.
        """
        opening = asyncio.ensure_future(self._connect())
        self._follow(opening)
        try:
            return await asyncio.shield(opening)
        except asyncio.CancelledError:
            opening.add_done_callback(self._take_in)
            raise
        except BaseException:
            self._lane.release()
            raise

    async def _retire(self, connection: Connection) -> None:
        """Close a connection; it is one of ours until the server has broken off its statement."""
        try:
            await _close(connection)
        finally:
            self._lane.release()

    def _follow(self, change: asyncio.Future[Any]) -> None:
        self._changing.add(change)
        change.add_done_callback(self._changing.discard)

    def _take_in(self, opened: asyncio.Future[Connection]) -> None:
        if opened.cancelled() or opened.exception() is not None:
            self._lane.release()
        else:
            self.release(opened.result())
