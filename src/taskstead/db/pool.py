"""A pool of PostgreSQL connections: a fixed number, a bounded wait, broken ones replaced.

asyncpg's own pool resets a connection by a query at each release and has no bound on its wait for
an acquire that is also the answer to "why is it slow": this one does neither and shows its state.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeAlias

import asyncpg

from taskstead.errors import DatabaseBusyError

if TYPE_CHECKING:
    Connection: TypeAlias = asyncpg.Connection[asyncpg.Record]
else:
    Connection = asyncpg.Connection


class Pool:
    """Up to ``size`` connections, opened when first needed and then kept.

    Attributes:
        size: the most connections there will ever be.
        in_use: connections handed out now.
        waiting: callers that wait for one now.
    """

    def __init__(
        self, connect: Callable[[], Awaitable[Connection]], *, size: int, wait_seconds: float
    ) -> None:
        self.size = size
        self.in_use = 0
        self._connect = connect
        self._wait_seconds = wait_seconds
        # The last one given back is the next one used: its caches are warm.
        self._idle: list[Connection] = []
        self._waiters: deque[asyncio.Future[None]] = deque()

    @property
    def waiting(self) -> int:
        """Callers that wait for a connection now."""
        return len(self._waiters)

    async def acquire(self) -> Connection:
        """Hand out a connection; give it back with :meth:`release`.

        Raises:
            DatabaseBusyError: none became free within the bounded wait.
            OSError, asyncpg.PostgresError: a new connection could not be opened.
        """
        if self.in_use < self.size and not self._waiters:
            self.in_use += 1
        else:
            await self._wait_for_turn()
        while self._idle:
            connection = self._idle.pop()
            if not connection.is_closed():
                return connection
        try:
            return await self._connect()
        except BaseException:
            self._give_turn_on()
            raise

    def release(self, connection: Connection, *, broken: bool = False) -> None:
        """Take a connection back; a broken one is thrown away and replaced at the next need."""
        if broken:
            connection.terminate()
        elif not connection.is_closed():
            self._idle.append(connection)
        self._give_turn_on()

    async def close(self) -> None:
        """Close the idle connections; those in use are closed by their users' tasks ending."""
        while self._idle:
            await self._idle.pop().close(timeout=1)

    async def _wait_for_turn(self) -> None:
        """Wait until somebody's turn is passed on; ``in_use`` counts it all along."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.append(turn)
        try:
            async with asyncio.timeout(self._wait_seconds):
                await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled():
                self._give_turn_on()
            elif turn in self._waiters:
                self._waiters.remove(turn)
            if isinstance(error, TimeoutError):
                raise DatabaseBusyError from None
            raise

    def _give_turn_on(self) -> None:
        while self._waiters:
            turn = self._waiters.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self.in_use -= 1
