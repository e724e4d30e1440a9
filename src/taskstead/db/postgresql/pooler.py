"""Check that a connection pooler in front of PostgreSQL is in session mode.

Taskstead sets session variables, prepares statements and uses LISTEN. Each client connection
therefore needs its own server connection, which is PgBouncer's ``pool_mode = session``.
"""

import asyncio

import asyncpg

from taskstead.db.postgresql.connection import Connector
from taskstead.db.postgresql.pool import Connection
from taskstead.errors import DatabaseUnavailableError

# Timeout for the second client connection. A pooler in session mode that has a single server
# connection does not serve the second client before the first disconnects.
_SECOND_CONNECTION_SECONDS = 2.0
# Number of attempts. An attempt can miss a shared server connection because another client uses it.
_TRIES = 3
_GET_PROCESS = "SELECT pg_backend_pid()"


class PoolerError(Exception):
    """A connection pooler is not in session mode."""

    def __init__(self) -> None:
        super().__init__(
            "the connection pooler in front of it is not in session mode; set pool_mode = session"
        )


async def check_pooler(url: str) -> None:
    """Check that each client connection has its own server connection.

    Raises:
        DatabaseUnavailableError: a pooler is not in session mode (the cause is a
            :class:`PoolerError`), or the database cannot be reached.
    """
    connector = Connector(url, lock_seconds=_SECOND_CONNECTION_SECONDS)
    first = await connector.connect_plainly()
    try:
        # A pooler sends made-up process ids to its clients. If the id is correct, there is no
        # pooler.
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
    """Return whether a second client gets the server connection of the first client."""
    before = await _get_process(first)
    try:
        async with asyncio.timeout(_SECOND_CONNECTION_SECONDS):
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
    # In a transaction, because a pooler may run even the steps of one statement on different server
    # connections.
    async with connection.transaction():
        return int(await connection.fetchval(_GET_PROCESS))
