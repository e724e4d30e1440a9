"""Health check of a PostgreSQL server, on a dedicated connection outside the pool.

If a check fails, it raises ``DatabaseUnavailableError``. The message must not contain anything
confidential, because ``GET /health`` returns it.
"""

import asyncio
import contextlib
from collections.abc import Collection

from taskstead.db.postgresql.connection import Connector, raise_postgresql_error
from taskstead.db.postgresql.errors import find_write_obstacle
from taskstead.db.postgresql.pool import Connection
from taskstead.db.postgresql.transaction import PostgresqlTransaction
from taskstead.db.schema_revision import find_revision
from taskstead.errors import DatabaseUnavailableError
from taskstead.observability.query_stats import Meter

# If the server does not respond within this time, the connection is closed. The next check opens a
# new one.
_RESPONSE_SECONDS = 5.0
_CLOSE_SECONDS = 1.0


class PostgresqlHealth:
    """Health check with one connection, which is opened at first use and then stays open.

    Args:
        url: the database URL.
        written: the tables that the server must be able to write. Empty for a replica.
    """

    def __init__(self, url: str, written: Collection[str]) -> None:
        self._written = written
        self._connector = Connector(url, lock_seconds=_RESPONSE_SECONDS)
        self._meter = Meter()
        self._connection: Connection | None = None

    async def fetch_revision(self) -> str | None:
        """Return the schema revision; see ``DatabaseHealth.fetch_revision``."""
        try:
            return await self._fetch_revision()
        except BaseException as error:
            self._drop_connection()
            if isinstance(error, Exception):
                raise_postgresql_error(error)
            raise

    async def _fetch_revision(self) -> str | None:
        if self._connection is not None:
            try:
                return await self._find_revision(self._connection)
            except Exception:  # noqa: BLE001 - retried on a new connection
                # The server may have restarted, or its host may have become a standby.
                self._drop_connection()
        # This takes up to the timeout of each host, but callers of the probe wait less than a
        # second.
        self._connection = await self._connector.connect()
        return await self._find_revision(self._connection)

    async def _find_revision(self, connection: Connection) -> str | None:
        reader = PostgresqlTransaction(connection, self._meter)
        async with asyncio.timeout(_RESPONSE_SECONDS):
            revision = await find_revision(reader, reader.dialect)
            obstacle = await find_write_obstacle(reader, self._written) if self._written else None
        if obstacle is not None:
            raise DatabaseUnavailableError(obstacle)
        return revision

    def _drop_connection(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None

    async def close(self) -> None:
        """Close the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(Exception):
                await connection.close(timeout=_CLOSE_SECONDS)
