"""A transaction on an SQLite connection.

Most statements take microseconds, which is less than a switch to a thread. Therefore they run in
the event loop. Long statements do not block it: many rows are written and read in pieces, with a
yield to the event loop after each piece. A statement with a long list of ids runs in a thread.
"""

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from time import perf_counter
from typing import Any, NoReturn

from sqlalchemy import Executable

from taskstead.concurrency.cooperative import PIECE
from taskstead.db.database import TransactionFailedError
from taskstead.db.sql.query import Query, R
from taskstead.db.sql.statements import (
    SQLITE,
    CompiledStatement,
    Parameters,
    compile_statement,
)
from taskstead.db.sqlite.connection import raise_translated
from taskstead.observability.query_stats import Meter

# Minimum length of a text parameter with which a statement runs in a thread. A list of ids is one
# JSON text, and this is the length of about 250 ids.
_LONG_TEXT = 10_000


def _is_long(values: Sequence[Any]) -> bool:
    return any(type(value) is str and len(value) > _LONG_TEXT for value in values)


class SqliteTransaction:
    """SQLite implementation of ``database.Transaction``, on the write connection.

    Attributes:
        is_over: whether a statement has failed or the transaction has ended. Further statements are
            rejected, because they would become part of another transaction of the batch.
        announced: ids of the workspaces whose writes are announced after the commit.
    """

    dialect = "sqlite"

    def __init__(
        self,
        connection: sqlite3.Connection,
        meter: Meter,
        note_progress: Callable[[], None] = lambda: None,
    ) -> None:
        self.is_over = False
        self.announced: set[str] = set()
        self._connection = connection
        self._meter = meter
        self._note_progress = note_progress

    def check(self) -> None:
        """Raise ``TransactionFailedError`` if the transaction is over."""
        if self.is_over:
            raise TransactionFailedError(
                "A statement has failed, or the transaction's block has ended."
            )

    def _fail(self, error: sqlite3.Error) -> NoReturn:
        self.is_over = True
        raise_translated(error)

    async def _run(
        self, statement: Executable, parameters: Parameters
    ) -> tuple[CompiledStatement, sqlite3.Cursor, list[tuple[Any, ...]]]:
        """Run a statement and read all its rows, so that a RETURNING statement completes."""
        self.check()
        compiled = compile_statement(statement, SQLITE)
        values = compiled.bind(parameters)
        began = perf_counter()
        try:
            if _is_long(values):
                cursor = await self._run_in_thread(compiled.sql, values)
            else:
                cursor = self._connection.execute(compiled.sql, values)
            found = cursor.fetchmany(PIECE)
            if len(found) == PIECE:
                found += await self._fetch_rest(cursor)
        except sqlite3.Error as error:
            self._fail(error)
        finally:
            self._meter.note_statement(compiled.sql, began)
        return compiled, cursor, found

    async def _run_in_thread(self, sql: str, values: Sequence[Any]) -> sqlite3.Cursor:
        running = asyncio.ensure_future(asyncio.to_thread(self._connection.execute, sql, values))
        try:
            return await asyncio.shield(running)
        finally:
            # After a cancellation, wait for the statement, because the connection cannot roll back
            # while it is running.
            while not running.done():
                with contextlib.suppress(asyncio.CancelledError):
                    await asyncio.wait([running])
            self._note_progress()

    async def _fetch_rest(self, cursor: sqlite3.Cursor) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = []
        try:
            while found := cursor.fetchmany(PIECE):
                rows += found
                await asyncio.sleep(0)
        finally:
            # Close the statement after a cancellation too, so that the transaction can be rolled
            # back.
            cursor.close()
        return rows

    async def fetch_one(self, query: Query[R], parameters: Parameters) -> R | None:
        """See ``Reader.fetch_one``."""
        rows = await self.fetch_all(query, parameters)
        return rows[0] if rows else None

    async def fetch_all(self, query: Query[R], parameters: Parameters) -> list[R]:
        """See ``Reader.fetch_all``."""
        compiled, _, found = await self._run(query.statement, parameters)
        return await compiled.read_all(found)

    async def execute(self, statement: Executable, parameters: Parameters) -> int:
        """See ``Transaction.execute``."""
        # With RETURNING, rowcount is complete only after all rows have been fetched, as _run does.
        _, cursor, _ = await self._run(statement, parameters)
        return cursor.rowcount

    async def execute_many(self, statement: Executable, rows: Sequence[Parameters]) -> None:
        """See ``Transaction.execute_many``."""
        if not rows:
            return
        self.check()
        compiled = compile_statement(statement, SQLITE)
        began = perf_counter()
        try:
            for start in range(0, len(rows), PIECE):
                if start:
                    self._note_progress()
                    await asyncio.sleep(0)
                values = [compiled.bind(row) for row in rows[start : start + PIECE]]
                self._connection.executemany(compiled.sql, values)
        except sqlite3.Error as error:
            self._fail(error)
        finally:
            self._meter.note_statement(compiled.sql, began)

    async def lock(self, key: int) -> None:
        """Do nothing, because the write lock already excludes other writers."""

    async def try_lock(self, key: int) -> bool:
        """Return True, because the write lock already excludes other writers."""
        del key
        return True

    def announce(self, workspace_id: str) -> None:
        """See ``Transaction.announce``."""
        self.announced.add(workspace_id)

    @asynccontextmanager
    async def savepoint(self) -> AsyncGenerator[None]:
        """See ``Transaction.savepoint``."""
        self.check()
        self._control("SAVEPOINT part")
        try:
            yield
            self.check()
            self._control("RELEASE part")
        except BaseException:
            self._undo_part()
            raise

    def _control(self, sql: str) -> None:
        try:
            self._connection.execute(sql)
        except sqlite3.Error as error:
            self._fail(error)

    def _undo_part(self) -> None:
        try:
            self._connection.execute("ROLLBACK TO part")
            self._connection.execute("RELEASE part")
        except sqlite3.Error:
            # SQLite has rolled back the whole batch; see SqliteDatabase._undo.
            self.is_over = True
        else:
            self.is_over = False
