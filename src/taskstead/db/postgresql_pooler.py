"""Finds out whether a connection pooler in front of PostgreSQL keeps sessions.

Taskstead sets limits for each connection, prepares statements on it and listens for notices. So
each client connection needs a server connection of its own: PgBouncer's ``pool_mode = session``.
"""

import asyncio

import asyncpg

from taskstead.db.pool import Connection
from taskstead.db.postgresql_connection import Connector
from taskstead.errors import DatabaseUnavailableError

# In session mode a pooler with a single connection makes the second client wait.
_SECOND_SECONDS = 2.0
# Another client may take the very connection by which the pooler would give itself away.
_TRIES = 3
_GET_PROCESS = "SELECT pg_backend_pid()"


class PoolerError(Exception):
    """The pooler does not keep sessions."""

    def __init__(self) -> None:
        super().__init__(
            "the connection pooler in front of it gives a client another server connection for"
            " each transaction; Taskstead needs pool_mode = session"
        )


async def check_pooler(url: str) -> None:
    """Make sure that each connection keeps its session.

    Raises:
        DatabaseUnavailableError: a pooler is in between that does not keep them (the cause is a
            :class:`PoolerError`), or the database cannot be reached.
    """
    connector = Connector(url, lock_seconds=_SECOND_SECONDS)
    first = await connector.connect_plainly()
    try:
        # A pooler gives its clients process ids of its own making.
        if await _get_process(first) == first.get_server_pid():
            return
        for _ in range(_TRIES):
            if await _is_shared(connector, first):
                raise DatabaseUnavailableError from PoolerError()
    except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise DatabaseUnavailableError from error
    finally:
        first.terminate()


async def _is_shared(connector: Connector, first: Connection) -> bool:
    """Tell whether another client is given the server connection that the first one had."""
    before = await _get_process(first)
    try:
        async with asyncio.timeout(_SECOND_SECONDS):
            second = await connector.connect_plainly()
            try:
                async with second.transaction():
                    if await second.fetchval(_GET_PROCESS) == before:
                        return True
                    return await _get_process(first) != before
            finally:
                second.terminate()
    except (TimeoutError, DatabaseUnavailableError):
        return False


async def _get_process(connection: Connection) -> int:
    # In a transaction: without one, even the steps of a single statement may be parted.
    async with connection.transaction():
        return int(await connection.fetchval(_GET_PROCESS))
