"""Transactions of the PostgreSQL engine: the statements between BEGIN and COMMIT."""

import contextlib
from collections.abc import AsyncGenerator, Coroutine, Sequence
from contextlib import asynccontextmanager
from time import perf_counter
from typing import Any, TypeVar

from sqlalchemy import Executable

from taskstead.concurrency.cooperative import yield_every
from taskstead.db.database import TransactionFailedError
from taskstead.db.postgresql.connection import raise_postgresql_error
from taskstead.db.postgresql.insert_batching import PendingInserts
from taskstead.db.postgresql.pool import Connection
from taskstead.db.sql.query import Query, R
from taskstead.db.sql.statements import POSTGRESQL, Parameters, compile_statement
from taskstead.observability.query_stats import Meter

Result = TypeVar("Result")

_LOCK = "SELECT pg_advisory_xact_lock($1)"


async def roll_back(connection: Connection, sql: str = "ROLLBACK") -> None:
    """Roll back a transaction.

    Errors are ignored, because the caller raises the error that caused the rollback.
    """
    with contextlib.suppress(Exception):
        if not connection.is_closed():
            await connection.execute(sql)


class PostgresqlTransaction:
    """PostgreSQL implementation of ``database.Transaction``, on one connection.

    INSERTs of ``execute_many`` are buffered. They are sent together before the next statement of
    another kind or before the COMMIT. That statement or the COMMIT then raises their errors.

    Attributes:
        is_over: whether the block of the transaction has ended. It must not be used any more,
            because its connection may already serve another request.
        announced: ids of the workspaces to report to commit listeners after the commit.
        has_written: whether a statement has changed a row.
    """

    dialect = "postgresql"

    def __init__(self, connection: Connection, meter: Meter) -> None:
        self._connection = connection
        self._meter = meter
        self._inserts = PendingInserts()
        self.is_over = False
        self.announced: set[str] = set()
        self.has_written = False

    def _check_open(self) -> None:
        if self.is_over:
            raise TransactionFailedError("The transaction's block has ended.")

    async def _run(self, sql: str, call: Coroutine[Any, Any, Result]) -> Result:
        """Await a call of the driver, record its duration and translate its errors."""
        began = perf_counter()
        try:
            return await call
        except Exception as error:  # noqa: BLE001 - every exception is re-raised
            raise_postgresql_error(error)
        finally:
            self._meter.note_statement(sql, began)

    async def flush(self) -> None:
        """Send the buffered INSERTs.

        Raises:
            UniqueViolationError: a row violated a unique constraint.
        """
        self._check_open()
        if not self._inserts:
            return
        sql, values = self._inserts.take()
        tag = await self._run(sql, self._connection.execute(sql, *values))
        self._note_count(tag)

    async def fetch_one(self, query: Query[R], parameters: Parameters) -> R | None:
        """See ``Reader.fetch_one``."""
        await self.flush()
        compiled = compile_statement(query.statement, POSTGRESQL)
        sql = compiled.sql
        row = await self._run(sql, self._connection.fetchrow(sql, *compiled.bind(parameters)))
        if row is None:
            return None
        self.has_written = self.has_written or compiled.is_change
        read: R = compiled.read(row)
        return read

    async def fetch_all(
        self, query: Query[R], parameters: Parameters, *, is_long: bool = False
    ) -> list[R]:
        """See ``LongReader.fetch_all``. ``is_long`` has no effect within a transaction."""
        del is_long
        await self.flush()
        compiled = compile_statement(query.statement, POSTGRESQL)
        sql = compiled.sql
        rows = await self._run(sql, self._connection.fetch(sql, *compiled.bind(parameters)))
        self.has_written = self.has_written or (compiled.is_change and bool(rows))
        return await compiled.read_all(rows)

    async def execute(self, statement: Executable, parameters: Parameters) -> int:
        """See ``Transaction.execute``."""
        await self.flush()
        compiled = compile_statement(statement, POSTGRESQL)
        sql = compiled.sql
        tag = await self._run(sql, self._connection.execute(sql, *compiled.bind(parameters)))
        return self._note_count(tag)

    async def execute_many(self, statement: Executable, rows: Sequence[Parameters]) -> None:
        """See ``Transaction.execute_many``; all rows are sent in one round trip."""
        if not rows:
            return
        self._check_open()
        compiled = compile_statement(statement, POSTGRESQL)
        if not self._inserts.can_add(compiled.sql, len(rows)):
            await self.flush()
        if self._inserts.can_add(compiled.sql, len(rows)):
            for row in rows:
                self._inserts.add(compiled.sql, compiled.bind(row))
            return
        await self.flush()
        arguments = [compiled.bind(row) async for row in yield_every(rows)]
        await self._run(compiled.sql, self._connection.executemany(compiled.sql, arguments))
        self.has_written = True

    def _note_count(self, tag: str) -> int:
        """Return the number of changed rows, which the command tag of the statement contains."""
        count = int(tag.rpartition(" ")[2])
        self.has_written = self.has_written or count > 0
        return count

    async def lock(self, key: int) -> None:
        """See ``Transaction.lock``."""
        await self.flush()
        await self._run(_LOCK, self._connection.execute(_LOCK, key))

    async def try_lock(self, key: int) -> bool:
        """See ``Transaction.try_lock``."""
        await self.flush()
        try:
            is_acquired = await self._connection.fetchval(
                "SELECT pg_try_advisory_xact_lock($1)", key
            )
        except Exception as error:  # noqa: BLE001 - every exception is re-raised
            raise_postgresql_error(error)
        return bool(is_acquired)

    def announce(self, workspace_id: str) -> None:
        """See ``Transaction.announce``."""
        self.announced.add(workspace_id)

    @asynccontextmanager
    async def savepoint(self) -> AsyncGenerator[None]:
        """See ``Transaction.savepoint``."""
        await self.flush()
        await self._run_control_statement("SAVEPOINT part")
        try:
            yield
            await self.flush()
            await self._run_control_statement("RELEASE SAVEPOINT part")
        except Exception:
            self._inserts = PendingInserts()
            await roll_back(self._connection, "ROLLBACK TO SAVEPOINT part; RELEASE SAVEPOINT part")
            raise

    async def _run_control_statement(self, sql: str) -> None:
        try:
            await self._connection.execute(sql)
        except Exception as error:  # noqa: BLE001 - every exception is re-raised
            raise_postgresql_error(error)
