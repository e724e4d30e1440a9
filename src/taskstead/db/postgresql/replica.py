"""Reads from a streaming replica that is new enough, with fallback to the primary database.

A read and the query for the replica's revision use the same snapshot, so the data is as new as the
revision. If the replica is behind or fails, the primary database is read instead.
"""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, TypeVar

from taskstead.db.database import Database, LongReader, MinimumRevision
from taskstead.db.sql.query import Query, R
from taskstead.db.sql.statements import Parameters
from taskstead.errors import DatabaseBusyError, DatabaseUnavailableError, TasksteadError

if TYPE_CHECKING:
    from taskstead.db.postgresql.database import PostgresqlDatabase

Result = TypeVar("Result")

# Timeout of the query for the replica's revision, which normally takes a millisecond.
_START_SECONDS = 2.0
# Time after a failure during which reads skip the replica. Then one read tries it again.
_PAUSE_SECONDS = 3.0

_DATABASE_ERRORS = (DatabaseBusyError, DatabaseUnavailableError)

logger = logging.getLogger("taskstead.database")


class PostgresqlReplica:
    """Implementation of ``database.Replica``.

    Attributes:
        copy: the replica.
        reads: see ``Replica``.
        start_seconds: timeout of the query for the replica's revision.
    """

    def __init__(self, copy: "PostgresqlDatabase", database: Database) -> None:
        self.copy = copy
        self.reads = {"replica": 0, "behind": 0, "failed": 0}
        self.start_seconds = _START_SECONDS
        self._database = database
        self._next_try_at = 0.0

    async def read(
        self,
        minimum: MinimumRevision,
        read: Callable[[LongReader], Awaitable[Result]],
        *,
        is_long: bool = False,
    ) -> Result:
        """See ``Replica.read``."""
        outcome = "failed"
        if self._may_try():
            try:
                async with (
                    self.copy.reserve(is_long=is_long),
                    self._open_snapshot(minimum) as snapshot,
                ):
                    if snapshot is not None:
                        found = await read(snapshot)
                        self.reads["replica"] += 1
                        return found
                outcome = "behind"
            except Exception as error:
                if isinstance(error, TasksteadError) and not isinstance(error, _DATABASE_ERRORS):
                    self.reads["replica"] += 1
                    raise
                # Unreachable, cancelled by a recovery conflict, not migrated yet, or out of
                # connections.
                self._note_failure(error)
        self.reads[outcome] += 1
        return await read(self._database)

    def get_reader(self, minimum: MinimumRevision) -> LongReader:
        """See ``Replica.get_reader``."""
        return ReplicaReader(self, minimum)

    @property
    def is_paused(self) -> bool:
        """See ``Replica.is_paused``."""
        return time.monotonic() < self._next_try_at

    def _note_failure(self, error: Exception) -> None:
        # The replica's database object has already logged its own errors.
        if isinstance(error, TimeoutError):
            late = DatabaseUnavailableError("The replica did not respond in time.")
            self.copy.outages.note_failure(late, is_write=False)
        elif not isinstance(error, _DATABASE_ERRORS):
            reason = str(error).partition("\n")[0]
            message = "The replica failed; the primary database was read instead."
            logger.warning(message, extra={"reason": reason})

    def _may_try(self) -> bool:
        if not self._next_try_at:
            return True
        now = time.monotonic()
        if now < self._next_try_at:
            return False
        # Only this read tries the replica again. Other reads continue to skip it.
        self._next_try_at = now + _PAUSE_SECONDS
        return True

    @asynccontextmanager
    async def _open_snapshot(self, minimum: MinimumRevision) -> AsyncGenerator[LongReader | None]:
        """Open a snapshot of the replica for the duration of the block.

        Yields None if the snapshot is older than the minimum revision.
        """
        async with AsyncExitStack() as stack:
            try:
                async with asyncio.timeout(self.start_seconds):
                    snapshot = await stack.enter_async_context(self.copy.snapshot())
                    row = await snapshot.fetch_one(minimum.query, minimum.parameters)
            except (DatabaseUnavailableError, TimeoutError):
                self._next_try_at = time.monotonic() + _PAUSE_SECONDS
                raise
            self._next_try_at = 0.0
            is_new_enough = row is not None and row["revision"] >= minimum.least
            yield snapshot if is_new_enough else None


class ReplicaReader:
    """Implementation of ``database.LongReader`` that opens a snapshot for each statement.

    It is used for long reads whose statements need not use the same snapshot.
    """

    dialect = "postgresql"

    def __init__(self, replica: PostgresqlReplica, minimum: MinimumRevision) -> None:
        self._replica = replica
        self._minimum = minimum

    async def fetch_one(self, query: Query[R], parameters: Parameters) -> R | None:
        """See ``Reader.fetch_one``."""
        return await self._replica.read(
            self._minimum, lambda reader: reader.fetch_one(query, parameters)
        )

    async def fetch_all(
        self, query: Query[R], parameters: Parameters, *, is_long: bool = False
    ) -> list[R]:
        """See ``LongReader.fetch_all``."""
        return await self._replica.read(
            self._minimum,
            lambda reader: reader.fetch_all(query, parameters, is_long=is_long),
            is_long=is_long,
        )
