"""Where a caller's reads go: the database, or a replica that has all the caller may know of.

For what bears nothing but the content of the caller's workspace: whose every change makes a
revision, so that the revision tells whether a replica has it. The caller's own revision was read
from the database itself, after all that was acknowledged to anybody.
"""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from taskstead.db.database import LongReader
from taskstead.db.replica import Known, ReplicaReader
from taskstead.http.state import Server
from taskstead.queries.callers import Caller
from taskstead.queries.workspaces import GET_REVISION

Result = TypeVar("Result")


async def read_content(
    server: Server,
    caller: Caller,
    read: Callable[[LongReader], Awaitable[Result]],
    *,
    is_long: bool = False,
) -> Result:
    """Return what a function reads of the caller's workspace, at the caller's revision or later.

    Args:
        server: the running application's parts.
        caller: who asks.
        read: is given what to read from; it may be called a second time, with the database.
        is_long: it makes long reads, as a search does.
    """
    if server.replica is None:
        return await read(server.database)
    return await server.replica.read(_make_known(caller), read, is_long=is_long)


def get_content_reader(server: Server, caller: Caller) -> LongReader:
    """Return what to read the caller's workspace from, at the caller's revision or later.

    For what is read over a long time, each statement by itself.
    """
    if server.replica is None:
        return server.database
    return ReplicaReader(server.replica, _make_known(caller))


def _make_known(caller: Caller) -> Known:
    # A caller without a revision has no workspace to read, and their requests do not come here.
    return Known(GET_REVISION, {"workspace_id": caller.workspace_id}, caller.revision or 0)
