"""Group commit: the transactions that one COMMIT makes durable."""

import asyncio
import sqlite3
from collections import deque

from taskstead.db.sqlite.connection import translate_error
from taskstead.errors import (
    DatabaseReplacedError,
    DatabaseUnavailableError,
    ReferenceGoneError,
    TasksteadError,
)

# Number of transactions that are resumed in one iteration of the event loop. Each of them takes a
# few tenths of a millisecond to build its response.
_RESUMED_PER_ITERATION = 2


class Batch:
    """The transactions that one COMMIT makes durable.

    When the COMMIT has ended, its transactions are resumed in the order in which they joined the
    batch. Only a few of them are resumed in each iteration of the event loop. If all were resumed
    at once, a full batch would delay other requests by the time that 64 responses take.

    Attributes:
        announced: ids of the workspaces whose writes are announced after the COMMIT.
        size: the number of transactions in the batch.
    """

    def __init__(self) -> None:
        self.announced: set[str] = set()
        self.size = 0
        self._has_ended = False
        self._reason: BaseException | None = None
        self._waiters: deque[asyncio.Future[None]] = deque()

    def end(self, reason: BaseException | None) -> None:
        """End the batch and begin to resume its transactions.

        Args:
            reason: the error because of which the batch is not durable; None if it is durable.
        """
        if not self._has_ended:
            self._has_ended = True
            self._reason = reason
            self._resume_some()

    def _resume_some(self) -> None:
        resumed = 0
        while self._waiters and resumed < _RESUMED_PER_ITERATION:
            waiter = self._waiters.popleft()
            # The futures of cancelled requests are already done.
            if not waiter.done():
                waiter.set_result(None)
                resumed += 1
        if self._waiters:
            asyncio.get_running_loop().call_soon(self._resume_some)

    async def wait(self) -> None:
        """Wait until the COMMIT has ended.

        Raises:
            DatabaseBusyError, DatabaseUnavailableError: no transaction of the batch is durable.
        """
        if not self._has_ended:
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiters.append(waiter)
            await waiter
        reason = self._reason
        if reason is None:
            return
        error = translate_error(reason) if isinstance(reason, sqlite3.Error) else None
        if isinstance(reason, DatabaseReplacedError):
            error = DatabaseReplacedError()
        elif isinstance(error, ReferenceGoneError) and self.size > 1:
            # SQLite does not report which transaction violated the foreign key. Report all of them
            # as not committed, so that clients repeat them.
            error = None
        if not isinstance(error, TasksteadError):
            error = DatabaseUnavailableError("The database could not commit.")
        # Create a separate error for each transaction, because they run in different tasks.
        raise error from reason
