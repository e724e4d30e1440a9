"""Reading from a copy of the database that may lag behind, and never seeing that it does.

A reader says what it knows already: a statement that gives a number, and the least that this number
may be. The number and all that is read come from one snapshot of the copy, so that what was read is
as new as its number. Whatever is not new enough, or fails, is read from the database itself.
"""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from sqlalchemy import Executable

from taskstead.db.database import Database, LongReader
from taskstead.db.statements import Parameters, Row
from taskstead.errors import DatabaseBusyError, DatabaseUnavailableError, TasksteadError

if TYPE_CHECKING:
    from taskstead.db.postgresql import PostgresqlDatabase

Result = TypeVar("Result")

# A copy that is well gives its number in a millisecond; who waits for longer is better served by
# the database itself.
_START_SECONDS = 2.0
# After that long without an answer the copy is tried again, by one read.
_PAUSE_SECONDS = 3.0

_OF_DATABASE = (DatabaseBusyError, DatabaseUnavailableError)

logger = logging.getLogger("taskstead.database")


class MinimumRevision(NamedTuple):
    """How new what is read has to be.

    Attributes:
        statement: gives one number, or no row where there is nothing yet.
        parameters: of the statement.
        least: the number or more makes it new enough.
    """

    statement: Executable
    parameters: Parameters
    least: int


class Replica:
    """A copy, and the database that it is a copy of.

    Attributes:
        copy: the copy.
        reads: how many reads it has answered, and how many went to the database itself because it
            was behind, or gone or failed.
        start_seconds: how long it may take to give its number.
    """

    def __init__(self, copy: "PostgresqlDatabase", database: Database) -> None:
        self.copy = copy
        self.reads = {"replica": 0, "behind": 0, "failed": 0}
        self.start_seconds = _START_SECONDS
        self._database = database
        self._next_try_at = 0.0

    async def read(
        self,
        known: MinimumRevision,
        read: Callable[[LongReader], Awaitable[Result]],
        *,
        is_long: bool = False,
    ) -> Result:
        """Return what a function reads from the copy, or else from the database itself.

        Args:
            known: how new it has to be.
            is_long: the function makes a long read; it gets a connection of the share for those.
            read: is given what to read from, and called twice where the copy fails in between. What
                it raises of ours, but for the database's errors, is an answer as well.
        """
        why = "failed"
        if self._may_try():
            try:
                async with (
                    self.copy.reserve(is_long=is_long),
                    self._open_snapshot(known) as snapshot,
                ):
                    if snapshot is not None:
                        found = await read(snapshot)
                        self.reads["replica"] += 1
                        return found
                why = "behind"
            except Exception as error:
                if isinstance(error, TasksteadError) and not isinstance(error, _OF_DATABASE):
                    self.reads["replica"] += 1
                    raise
                # Gone; broken off, for what it read was to be removed; not migrated yet; overrun.
                self._note_failure(error)
        self.reads[why] += 1
        return await read(self._database)

    @property
    def is_paused(self) -> bool:
        """Whether it has failed so recently that nothing is read from it."""
        return time.monotonic() < self._next_try_at

    def _note_failure(self, error: Exception) -> None:
        # Its own errors are noted by the copy itself.
        if isinstance(error, TimeoutError):
            late = DatabaseUnavailableError("It did not answer in time.")
            self.copy.outages.note_failure(late, is_write=False)
        elif not isinstance(error, _OF_DATABASE):
            reason = str(error).partition("\n")[0]
            message = "The replica failed; the database itself was read."
            logger.warning(message, extra={"reason": reason})

    def _may_try(self) -> bool:
        if not self._next_try_at:
            return True
        now = time.monotonic()
        if now < self._next_try_at:
            return False
        # Of all that come now, one is to find out.
        self._next_try_at = now + _PAUSE_SECONDS
        return True

    @asynccontextmanager
    async def _open_snapshot(self, known: MinimumRevision) -> AsyncGenerator[LongReader | None]:
        """Give a snapshot of the copy; None if it is not new enough."""
        async with AsyncExitStack() as stack:
            try:
                async with asyncio.timeout(self.start_seconds):
                    snapshot = await stack.enter_async_context(self.copy.snapshot())
                    row = await snapshot.fetch_one(known.statement, known.parameters)
            except (DatabaseUnavailableError, TimeoutError):
                self._next_try_at = time.monotonic() + _PAUSE_SECONDS
                raise
            self._next_try_at = 0.0
            is_new_enough = row is not None and next(iter(row.values())) >= known.least
            yield snapshot if is_new_enough else None


class ReplicaReader:
    """Each statement on a snapshot of its own, for what takes long and needs no single one.

    As ``database.LongReader`` describes it.
    """

    dialect = "postgresql"

    def __init__(self, replica: Replica, known: MinimumRevision) -> None:
        self._replica = replica
        self._known = known

    async def fetch_one(self, statement: Executable, parameters: Parameters) -> Row | None:
        """See ``Reader.fetch_one``."""
        return await self._replica.read(
            self._known, lambda reader: reader.fetch_one(statement, parameters)
        )

    async def fetch_all(
        self, statement: Executable, parameters: Parameters, *, is_long: bool = False
    ) -> list[Row]:
        """See ``LongReader.fetch_all``."""
        return await self._replica.read(
            self._known,
            lambda reader: reader.fetch_all(statement, parameters, is_long=is_long),
            is_long=is_long,
        )
