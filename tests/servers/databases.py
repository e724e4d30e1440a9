"""A pool of migrated databases on one PostgreSQL server.

Creating a database copies some hundred files. Emptying one takes a tenth of that time. So a
database is emptied after each test and reused, unless the test has changed its schema or filled it.
"""

import asyncio
import secrets
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import asyncpg

from taskstead.db.migrate import ensure_migrated
from tests.servers.postgres import Postgres

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
        asyncio.run(ensure_migrated(server.create_database(self._template)))

    @contextmanager
    def lend(self) -> Iterator[str]:
        """Yield the URL of a database for the duration of the block."""
        name = self._free.pop() if self._free else self._make()
        try:
            yield self._server.url(name)
        finally:
            if _run(self._empty(name)):
                self._free.append(name)
            else:
                self._server.drop_database(name)

    def close(self) -> None:
        """Drop all databases."""
        for name in (*self._free, self._template):
            self._server.drop_database(name)

    def _make(self) -> str:
        name = f"{self._prefix}_{len(self._shape)}"
        self._server.create_database(name, template=self._template)
        self._shape[name] = _run(self._read_shape(name))
        return name

    async def _read_shape(self, name: str) -> str:
        connection = await asyncpg.connect(self._server.url(name))
        try:
            (found,) = await connection.fetch(_DESCRIBE)
            return str(found["shape"])
        finally:
            await connection.close()

    async def _empty(self, name: str) -> bool:
        """Delete every row. Return False if the database is too full or its schema has changed."""
        try:
            connection = await asyncpg.connect(self._server.url(name))
        except (asyncpg.PostgresError, OSError):
            return False
        try:
            await connection.execute(_END_OTHERS)
            (found,) = await connection.fetch(_DESCRIBE)
            if found["size"] > _LARGEST_BYTES or found["shape"] != self._shape[name]:
                return False
            deletions = [f"DELETE FROM {table}" for table in found["tables"]]
            # Without foreign keys the order of the tables does not matter.
            await connection.execute(
                ";".join(["SET session_replication_role = replica", *deletions])
            )
        except (asyncpg.PostgresError, OSError):
            return False
        else:
            return True
        finally:
            connection.terminate()


def _run(work: Coroutine[Any, Any, Result]) -> Result:
    """Run a coroutine to its end, even if an event loop is already running."""
    results: list[Result] = []
    thread = threading.Thread(target=lambda: results.append(asyncio.run(work)))
    thread.start()
    thread.join()
    return results[0]
