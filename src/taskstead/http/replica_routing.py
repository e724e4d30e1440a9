"""Replica routing: selects the primary database or the read replica for a read.

A read may use the replica if it reads only the content of the principal's workspace. Every change
of that content increments the workspace's revision. The revision in the principal was read from the
primary database at the start of the request, so it includes all acknowledged writes. The replica is
up to date for the request if its revision of the workspace is at least as high.
"""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from taskstead.db.database import LongReader
from taskstead.db.postgresql.replica import MinimumRevision, ReplicaReader
from taskstead.domain.principal import Principal
from taskstead.http.app_state import Server
from taskstead.queries.workspaces.workspaces import GET_REVISION

Result = TypeVar("Result")


async def read_content(
    server: Server,
    principal: Principal,
    read: Callable[[LongReader], Awaitable[Result]],
    *,
    is_long: bool = False,
) -> Result:
    """Call a read function on the replica or the database and return its result.

    The result is at least as new as the principal's revision.

    Args:
        server: the application state.
        principal: the principal of the request.
        read: receives the reader to use. If the replica fails, it is called again with the
            database.
        is_long: whether ``read`` may take more than a millisecond, for example for a search.
    """
    if server.replica is None:
        return await read(server.database)
    return await server.replica.read(_make_minimum_revision(principal), read, is_long=is_long)


def get_content_reader(server: Server, principal: Principal) -> LongReader:
    """Return a reader of the principal's workspace that is at least as new as its revision.

    It is used for reads with many statements, such as an export. The replica or the database is
    selected for each statement.
    """
    if server.replica is None:
        return server.database
    return ReplicaReader(server.replica, _make_minimum_revision(principal))


def _make_minimum_revision(principal: Principal) -> MinimumRevision:
    # A principal without a revision has no workspace, and its requests never read content.
    return MinimumRevision(
        GET_REVISION, {"workspace_id": principal.workspace_id}, principal.revision or 0
    )
