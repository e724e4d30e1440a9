"""Reads of workspace content from the primary database or the read replica.

A read may use the replica if it reads only the content of the principal's workspace. Every change
of that content increments the workspace's revision. The revision in the principal was read from the
primary database at the start of the request, so it includes all acknowledged writes. The replica is
up to date for the request if its revision of the workspace is at least as high.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

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
class ContentReader:
    """Selects the replica or the primary database for each read.

    The result of a read is at least as new as the principal's revision.

    Attributes:
        database: the primary database.
        replica: the read replica, if configured.
    """

    database: Database
    replica: Replica | None = None

    async def read(
        self,
        principal: Principal,
        read: Callable[[LongReader], Awaitable[Result]],
        *,
        is_long: bool = False,
    ) -> Result:
        """Call a read function on the replica or the database and return its result.

        Args:
            principal: the principal of the request.
            read: receives the reader to use. If the replica fails, it is called again with the
                database.
            is_long: whether ``read`` may take more than a millisecond, for example for a search.
        """
        if self.replica is None:
            return await read(self.database)
        return await self.replica.read(_make_minimum_revision(principal), read, is_long=is_long)

    def get_reader(self, principal: Principal) -> LongReader:
        """Return a reader that selects the replica or the database for each statement.

        It is used for reads with many statements, such as an export.
        """
        if self.replica is None:
            return self.database
        return self.replica.get_reader(_make_minimum_revision(principal))


def _make_minimum_revision(principal: Principal) -> MinimumRevision:
    # A principal without a revision has no workspace, and its requests never read content.
    return MinimumRevision(
        GET_REVISION, {"workspace_id": principal.workspace_id}, principal.revision or 0
    )
