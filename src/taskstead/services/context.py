"""Contexts of use cases: what a read or a write for a principal gets from its caller.

The HTTP faces make a context for each request. Jobs that act for a user, and the commands
``import`` and ``export``, make their own. Use cases without a principal, such as a login, get the
database instead.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, NamedTuple, TypeVar

from taskstead.clock import Clock
from taskstead.db.database import Database, LongReader, MinimumRevision, Replica
from taskstead.domain.principal import Principal
from taskstead.queries.workspaces.workspaces import GET_REVISION

Result = TypeVar("Result")


class PreparedRead(NamedTuple, Generic[Result]):
    """A read of workspace content, and its cache key.

    Attributes:
        key: the cache key. It contains everything that the result depends on, besides the
            workspace, its revision and the role.
        read: reads and returns the result.
    """

    key: tuple[Any, ...]
    read: Callable[[], Awaitable[Result]]


@dataclass(frozen=True, slots=True)
class ReadContext:
    """The context of a read.

    The content of a workspace may be read from the replica, because every change of the content
    increments the workspace's revision. The revision in the principal was read from the primary
    database at the start of the request, so it includes all acknowledged writes. The replica is up
    to date for the request if its revision of the workspace is at least as high.

    Attributes:
        principal: the acting principal.
        database: the primary database.
        now: the time of the request.
        replica: the read replica, if configured.
    """

    principal: Principal
    database: LongReader
    now: datetime
    replica: Replica | None = None

    @property
    def minute(self) -> datetime:
        """The start of the minute of the request.

        Cached reads use it, because with the exact time each request would have another cache key.
        """
        return self.now.replace(second=0, microsecond=0)

    async def read_content(
        self, read: Callable[[LongReader], Awaitable[Result]], *, is_long: bool = False
    ) -> Result:
        """Call a read function on the replica or the primary database and return its result.

        Args:
            read: reads only content of the principal's workspace, from the reader that it
                receives. If the replica fails, ``read`` is called again with the primary database.
            is_long: whether ``read`` may take more than a millisecond, for example for a search.
                Only the replica uses this argument. On the primary database, each query states
                itself whether it is long.
        """
        if self.replica is None:
            return await read(self.database)
        return await self.replica.read(self._make_minimum_revision(), read, is_long=is_long)

    def get_content_reader(self) -> LongReader:
        """Return a reader that selects the replica or the primary database for each statement.

        It is used for reads with many statements, such as an export.
        """
        if self.replica is None:
            return self.database
        return self.replica.get_reader(self._make_minimum_revision())

    def _make_minimum_revision(self) -> MinimumRevision:
        # A principal without a revision has no workspace, and its requests never read content.
        return MinimumRevision(
            GET_REVISION,
            {"workspace_id": self.principal.workspace_id},
            self.principal.revision or 0,
        )


@dataclass(frozen=True, slots=True)
class WrittenBatch:
    """A written batch: its id, and the revision of its workspace.

    Attributes:
        id: the batch's id in the change log; None if nothing was changed.
        revision: the workspace's revision after the batch.
    """

    workspace_id: str
    id: str | None
    revision: int


@dataclass(slots=True)
class WriteContext:
    """The context of a write.

    Attributes:
        principal: the acting principal.
        database: the database. While a request with an idempotency key runs, it is a nested
            database, so that all writes of the request are one transaction.
        clock: returns the current time.
        written: the batches that were written in this context, in order.
        has_new_jobs: whether a job was enqueued. The face wakes the worker after the commit.
    """

    principal: Principal
    database: Database
    clock: Clock
    written: list[WrittenBatch] = field(default_factory=list)
    has_new_jobs: bool = False
