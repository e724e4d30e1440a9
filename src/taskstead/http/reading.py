"""Where a principal's reads go: the database, or a replica that has all the principal may know of.

For what bears nothing but the content of the principal's workspace: whose every change makes a
revision, so that the revision tells whether a replica has it. The principal's own revision was read
from the database itself, after all that was acknowledged to anybody.
"""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from taskstead.db.database import LongReader
from taskstead.db.replica import MinimumRevision, ReplicaReader
from taskstead.http.state import Server
from taskstead.queries.principals import Principal
from taskstead.queries.workspaces import GET_REVISION

Result = TypeVar("Result")


async def read_content(
    server: Server,
    principal: Principal,
    read: Callable[[LongReader], Awaitable[Result]],
    *,
    is_long: bool = False,
) -> Result:
    """Return what a function reads of the principal's workspace, at its revision or later.

    Args:
        server: the running application's parts.
        principal: who asks.
        read: is given what to read from; it may be called a second time, with the database.
        is_long: it makes long reads, as a search does.
    """
    if server.replica is None:
        return await read(server.database)
    return await server.replica.read(_make_minimum_revision(principal), read, is_long=is_long)


def get_content_reader(server: Server, principal: Principal) -> LongReader:
    """Return what to read the principal's workspace from, at the principal's revision or later.

    For what is read over a long time, each statement by itself.
    """
    if server.replica is None:
        return server.database
    return ReplicaReader(server.replica, _make_minimum_revision(principal))


def _make_minimum_revision(principal: Principal) -> MinimumRevision:
    # A principal without a revision has no workspace to read, and their requests do not come here.
    return MinimumRevision(
        GET_REVISION, {"workspace_id": principal.workspace_id}, principal.revision or 0
    )
