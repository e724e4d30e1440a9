"""What one COMMIT makes durable: the transactions that wait for it together (group commit)."""

import asyncio
import sqlite3

from taskstead.db.sqlite_connection import translate_error
from taskstead.errors import (
    DatabaseReplacedError,
    DatabaseUnavailableError,
    ReferenceGoneError,
    TasksteadError,
)


class Batch:
    """The transactions that one COMMIT makes durable.

    Attributes:
        done: by its end, with None when it is durable and else with the reason why it is not.
        announced: the workspaces of whose writes is to be told then.
        size: how many transactions have joined it.
    """

    def __init__(self) -> None:
        self.announced: set[str] = set()
        self.size = 0
        self.done: asyncio.Future[BaseException | None] = asyncio.get_running_loop().create_future()

    def end(self, reason: BaseException | None) -> None:
        """Have the transactions answered."""
        if not self.done.done():
            self.done.set_result(reason)

    async def wait(self) -> None:
        """Wait for the end.

        Raises:
            DatabaseBusyError, DatabaseUnavailableError: nothing of the batch is durable.
        """
        # Shielded: one client that goes away must not cancel what the others wait for.
        reason = await asyncio.shield(self.done)
        if reason is None:
            return
        error = translate_error(reason) if isinstance(reason, sqlite3.Error) else None
        if isinstance(reason, DatabaseReplacedError):
            error = DatabaseReplacedError()
        elif isinstance(error, ReferenceGoneError) and self.size > 1:
            # SQLite does not say which of the transactions it was; the others can be repeated.
            error = None
        if not isinstance(error, TasksteadError):
            error = DatabaseUnavailableError("The database could not commit.")
        # Each transaction raises an error of its own, because they run in different tasks.
        raise error from reason
