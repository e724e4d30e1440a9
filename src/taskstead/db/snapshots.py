"""Snapshots: consistent reads of a whole database in constant memory, for backups.

A snapshot is a read transaction on a dedicated connection. On SQLite it sees the data as of its
first read (sqlite.org/isolation). On PostgreSQL it has the isolation level REPEATABLE READ. On both
engines, a snapshot does not block other reads or writes.
"""

import sqlite3
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Protocol

from sqlalchemy import Table, select

from taskstead.db.database import Reader
from taskstead.db.factory import get_sqlite_path
from taskstead.db.postgresql.connection import connect_postgresql, raise_postgresql_error
from taskstead.db.postgresql.transaction import PostgresqlTransaction
from taskstead.db.sql.statements import POSTGRESQL, SQLITE, compile_statement
from taskstead.db.sqlite.connection import connect_sqlite, raise_translated
from taskstead.db.sqlite.transaction import SqliteTransaction
from taskstead.observability.query_stats import Meter

_LOCK_SECONDS = 5.0
_CLOSE_SECONDS = 5.0


class Snapshot(Reader, Protocol):
    """A consistent view of a database.

    Attributes:
        dialect: ``sqlite`` or ``postgresql``.
    """

    dialect: str

    def stream_table(
        self, table: Table, *, chunk: int
    ) -> AsyncGenerator[list[Mapping[str, object]]]:
        """Yield all rows of a table, in lists of up to ``chunk`` rows."""


class _SqliteSnapshot(SqliteTransaction):
    async def stream_table(
        self, table: Table, *, chunk: int
    ) -> AsyncGenerator[list[Mapping[str, object]]]:
        """See ``Snapshot.stream_table``."""
        compiled = compile_statement(select(table), SQLITE)
        try:
            cursor = self._connection.execute(compiled.sql)
            while found := cursor.fetchmany(chunk):
                yield [compiled.read(values) for values in found]
        except sqlite3.Error as error:
            raise_translated(error)


class _PostgresqlSnapshot(PostgresqlTransaction):
    async def stream_table(
        self, table: Table, *, chunk: int
    ) -> AsyncGenerator[list[Mapping[str, object]]]:
        """See ``Snapshot.stream_table``."""
        compiled = compile_statement(select(table), POSTGRESQL)
        try:
            cursor = await self._connection.cursor(compiled.sql)
            while found := await cursor.fetch(chunk):
                yield [compiled.read(row) for row in found]
        except Exception as error:  # noqa: BLE001 - every exception is re-raised
            raise_postgresql_error(error)


@asynccontextmanager
async def open_snapshot(url: str) -> AsyncGenerator[Snapshot]:
    """Open a snapshot of a database for the duration of the block.

    Raises:
        DatabaseUnavailableError: the database cannot be reached.
    """
    if url.startswith("sqlite:///"):
        connection = connect_sqlite(get_sqlite_path(url))
        try:
            connection.execute("BEGIN")
            yield _SqliteSnapshot(connection, Meter())
        finally:
            connection.close()
        return
    try:
        server = await connect_postgresql(url, lock_seconds=_LOCK_SECONDS)
    except Exception as error:  # noqa: BLE001 - every exception is re-raised
        raise_postgresql_error(error)
    try:
        async with server.transaction(isolation="repeatable_read", readonly=True):
            # Disable the timeout, because the transaction is idle while a client downloads the
            # backup slowly.
            await server.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            yield _PostgresqlSnapshot(server, Meter())
    finally:
        await server.close(timeout=_CLOSE_SECONDS)
