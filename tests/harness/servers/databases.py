"""A pool of migrated databases on one PostgreSQL server.

Creating a database copies some hundred files. Emptying one takes a tenth of that time. So a
database is emptied after each test and reused, unless the test has changed its schema or filled it.
"""

import asyncio
import secrets
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import asyncpg

from taskstead.db.migrate import ensure_migrated
from tests.harness.servers.postgres import Postgres

if TYPE_CHECKING:
    Connection: TypeAlias = asyncpg.Connection[asyncpg.Record]
else:
    Connection = asyncpg.Connection

Result = TypeVar("Result")

_LARGEST_BYTES = 40 << 20

_END_OTHERS = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_DESCRIBE = """
SELECT pg_database_size(current_database()) AS size, concat(
    (SELECT string_agg(oid || relname, ',' ORDER BY oid) FROM pg_class
     WHERE relnamespace = 'public'::regnamespace),
    ' with ', (SELECT string_agg(extname, ',' ORDER BY oid) FROM pg_extension),
    ' at ', (SELECT version_num FROM alembic_version)
) AS shape, (
    SELECT array_agg(quote_ident(tablename)) FROM pg_tables
    WHERE schemaname = 'public' AND tablename <> 'alembic_version'
) AS tables
"""


class Databases:
    """Migrated, empty databases on a server."""

    def __init__(self, server: Postgres) -> None:
        self._server = server
        # Several test runs may share a server.
        self._prefix = f"taskstead_{secrets.token_hex(4)}"
        self._template = f"{self._prefix}_template"
        self._shape: dict[str, str] = {}
        self._free: list[str] = []
        # A connection stays open for the next time, because a new one would take three times as
        # long to read the schema as to empty the database.
        self._connections: dict[str, Connection] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        asyncio.run(ensure_migrated(server.create_database(self._template)))

    @contextmanager
    def lend(self) -> Iterator[str]:
        """Yield the URL of a database for the duration of the block."""
        name = self._free.pop() if self._free else self._make()
        try:
            yield self._server.url(name)
        finally:
            if self._run(self._empty(name)):
                self._free.append(name)
            else:
                self._server.drop_database(name)

    def close(self) -> None:
        """Drop all databases."""
        self._run(self._disconnect())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        for name in (*self._free, self._template):
            self._server.drop_database(name)

    def _make(self) -> str:
        name = f"{self._prefix}_{len(self._shape)}"
        self._server.create_database(name, template=self._template)
        self._shape[name] = self._run(self._read_shape(name))
        return name

    async def _disconnect(self) -> None:
        for connection in self._connections.values():
            await connection.close()

    async def _read_shape(self, name: str) -> str:
        connection = await asyncpg.connect(self._server.url(name))
        try:
            (found,) = await connection.fetch(_DESCRIBE)
            return str(found["shape"])
        finally:
            await connection.close()

    async def _empty(self, name: str) -> bool:
        """Delete every row. Return False if the database is too full or its schema has changed."""
        connection = self._connections.pop(name, None)
        try:
            if connection is None:
                connection = await asyncpg.connect(self._server.url(name))
            await connection.execute(_END_OTHERS)
            (found,) = await connection.fetch(_DESCRIBE)
            if found["size"] > _LARGEST_BYTES or found["shape"] != self._shape[name]:
                return False
            deletions = [f"DELETE FROM {table}" for table in found["tables"]]
            # Without foreign keys the order of the tables does not matter.
            await connection.execute(
                ";".join(["SET session_replication_role = replica", *deletions])
            )
            self._connections[name] = connection
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            return False
        else:
            return True
        finally:
            if connection is not None and name not in self._connections:
                connection.terminate()

    def _run(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Run a coroutine to its end, even if an event loop is already running."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()
