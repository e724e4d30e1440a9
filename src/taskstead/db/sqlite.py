"""The SQLite engine: reads run inline, writers share each COMMIT.

A short read takes microseconds, less than handing it to a thread, so it runs in the event loop on
a connection of its own. Writers take turns on a second connection; a COMMIT, which waits for the
disk, runs in a thread and makes a whole batch of transactions durable (group commit):

- a transaction takes the turn, runs in a savepoint, gives the turn on, and waits for its batch;
- the first of a batch schedules the committer, which queues for the turn behind whoever already
  waits, so all of those join the batch;
- a failed COMMIT fails every transaction of its batch.

Other processes may write to the same file. ``BEGIN IMMEDIATE`` never waits for them inside the
event loop: it is tried, with sleeps between the tries.
"""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Self

from sqlalchemy import Executable

from taskstead.db.database import Transaction, UniqueViolationError
from taskstead.db.statements import SQLITE, CompiledStatement, Parameters, Row, StatementCache
from taskstead.errors import DatabaseBusyError, DatabaseUnavailableError, TasksteadError

_FIRST_SLEEP_SECONDS = 0.001
_LONGEST_SLEEP_SECONDS = 0.05
_UNIQUE_CODES = {sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY}
_PRIMARY_CODE_MASK = 0xFF


def connect_sqlite(path: str) -> sqlite3.Connection:
    """Open a connection in autocommit mode with the durability and the checks that we rely on.

    Raises:
        DatabaseUnavailableError: the file cannot be opened or is not an SQLite database.
    """
    try:
        connection = sqlite3.connect(
            path, isolation_level=None, check_same_thread=False, cached_statements=512
        )
        # The one setting that may wait for another process: switching a new file to WAL.
        connection.execute("PRAGMA busy_timeout = 5000")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA cache_size = -65536")
        connection.execute("PRAGMA busy_timeout = 0")
    except sqlite3.Error as error:
        message = f"The database file {path} cannot be opened: {error}."
        raise DatabaseUnavailableError(message) from error
    return connection


def _is_busy(error: sqlite3.Error) -> bool:
    code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY_CODE_MASK
    return code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def _translate(error: sqlite3.Error) -> Exception:
    """Return what the rest of the program knows this error as; a fault of ours stays as it is."""
    code = getattr(error, "sqlite_errorcode", 0)
    if code in _UNIQUE_CODES:
        return UniqueViolationError(str(error))
    if _is_busy(error):
        return DatabaseBusyError()
    if isinstance(error, sqlite3.OperationalError) and code != sqlite3.SQLITE_ERROR:
        return DatabaseUnavailableError(f"The database cannot do this now: {error}.")
    return error


class _Batch:
    """The transactions that one COMMIT makes durable."""

    def __init__(self) -> None:
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        # Whoever is cancelled while waiting leaves nobody to take the exception.
        self.done.add_done_callback(lambda done: done.cancelled() or done.exception())


class SqliteTransaction:
    """A transaction on the writer's connection, as ``database.Transaction`` describes it."""

    dialect = "sqlite"

    def __init__(self, database: "SqliteDatabase", connection: sqlite3.Connection) -> None:
        self._database = database
        self._connection = connection

    def _run(
        self, statement: Executable, parameters: Parameters
    ) -> tuple[CompiledStatement, sqlite3.Cursor]:
        compiled = self._database.compile(statement)
        try:
            return compiled, self._connection.execute(compiled.sql, compiled.bind(parameters))
        except sqlite3.Error as error:
            raise _translate(error) from error

    async def fetch_one(self, statement: Executable, parameters: Parameters) -> Row | None:
        """See ``Reader.fetch_one``."""
        rows = await self.fetch_all(statement, parameters)
        return rows[0] if rows else None

    async def fetch_all(self, statement: Executable, parameters: Parameters) -> list[Row]:
        """See ``Reader.fetch_all``; all rows are read, so that a RETURNING runs to its end."""
        compiled, cursor = self._run(statement, parameters)
        return [compiled.read(values) for values in cursor.fetchall()]

    async def execute(self, statement: Executable, parameters: Parameters) -> int:
        """See ``Transaction.execute``."""
        _, cursor = self._run(statement, parameters)
        return cursor.rowcount

    async def execute_many(self, statement: Executable, rows: Sequence[Parameters]) -> None:
        """See ``Transaction.execute_many``."""
        if not rows:
            return
        compiled = self._database.compile(statement)
        try:
            self._connection.executemany(compiled.sql, [compiled.bind(row) for row in rows])
        except sqlite3.Error as error:
            raise _translate(error) from error

    async def lock(self, key: int) -> None:
        """See ``Transaction.lock``; a writer's turn is the lock of locks already."""


class SqliteDatabase:
    """An SQLite file, as ``database.Database`` describes it."""

    dialect = "sqlite"

    def __init__(
        self, reader: sqlite3.Connection, writer: sqlite3.Connection, *, wait_seconds: float
    ) -> None:
        self.statement_count = 0
        self._reader = reader
        self._writer = writer
        self._wait_seconds = wait_seconds
        self._statements = StatementCache(SQLITE)
        self._turn = asyncio.Lock()
        self._batch: _Batch | None = None
        self._committers: set[asyncio.Task[None]] = set()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sqlite-commit")

    @classmethod
    async def open(cls, path: str, *, wait_seconds: float) -> Self:
        """Open the file, creating it when it is not there."""
        return cls(connect_sqlite(path), connect_sqlite(path), wait_seconds=wait_seconds)

    def compile(self, statement: Executable) -> CompiledStatement:
        """Return the compiled statement and count its use."""
        self.statement_count += 1
        return self._statements.get_compiled(statement)

    async def fetch_one(self, statement: Executable, parameters: Parameters) -> Row | None:
        """See ``Reader.fetch_one``."""
        compiled = self.compile(statement)
        try:
            cursor = self._reader.execute(compiled.sql, compiled.bind(parameters))
            values = cursor.fetchone()
            # A statement that is not read to its end would hold its snapshot, and the WAL, open.
            cursor.close()
        except sqlite3.Error as error:
            raise _translate(error) from error
        return None if values is None else compiled.read(values)

    async def fetch_all(self, statement: Executable, parameters: Parameters) -> list[Row]:
        """See ``Reader.fetch_all``."""
        compiled = self.compile(statement)
        try:
            found = self._reader.execute(compiled.sql, compiled.bind(parameters)).fetchall()
        except sqlite3.Error as error:
            raise _translate(error) from error
        return [compiled.read(values) for values in found]

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[Transaction]:
        """See ``Database.transaction``."""
        try:
            async with asyncio.timeout(self._wait_seconds):
                await self._turn.acquire()
        except TimeoutError:
            raise DatabaseBusyError from None
        try:
            batch = await self._join_batch()
            self._writer.execute("SAVEPOINT one")
            try:
                yield SqliteTransaction(self, self._writer)
            except BaseException:
                self._roll_back(batch)
                raise
            self._writer.execute("RELEASE one")
        finally:
            self._turn.release()
        # Shielded: one client that goes away must not cancel what the others wait for.
        await asyncio.shield(batch.done)

    async def _join_batch(self) -> _Batch:
        """Return the batch under way, or begin one and schedule its COMMIT."""
        if self._batch is None:
            await self._begin()
            self._batch = _Batch()
            committer = asyncio.create_task(self._commit(self._batch))
            self._committers.add(committer)
            committer.add_done_callback(self._committers.discard)
        return self._batch

    async def _begin(self) -> None:
        sleep = _FIRST_SLEEP_SECONDS
        deadline = asyncio.get_running_loop().time() + self._wait_seconds
        while True:
            try:
                self._writer.execute("BEGIN IMMEDIATE")
            except sqlite3.Error as error:
                if not _is_busy(error) or asyncio.get_running_loop().time() + sleep > deadline:
                    raise _translate(error) from error
                await asyncio.sleep(sleep)
                sleep = min(2 * sleep, _LONGEST_SLEEP_SECONDS)
            else:
                return

    def _roll_back(self, batch: _Batch) -> None:
        """Undo one transaction; its batch goes on, unless SQLite has thrown the batch away."""
        if self._writer.in_transaction:
            self._writer.execute("ROLLBACK TO one")
            self._writer.execute("RELEASE one")
            return
        # A full disk or an I/O error rolls back all since BEGIN (sqlite.org/lang_transaction).
        self._batch = None
        if not batch.done.done():
            batch.done.set_exception(DatabaseUnavailableError("The database cannot write now."))

    async def _commit(self, batch: _Batch) -> None:
        """Queue for the turn behind those who wait already, then COMMIT the batch in a thread."""
        async with self._turn:
            if self._batch is not batch:
                return
            self._batch = None
            loop = asyncio.get_running_loop()
            try:
                await loop.run_in_executor(self._thread, self._writer.execute, "COMMIT")
            except sqlite3.Error as error:
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
                failure = _translate(error)
                if not isinstance(failure, TasksteadError):
                    failure = DatabaseUnavailableError("The database could not commit.")
                failure.__cause__ = error
                batch.done.set_exception(failure)
            else:
                batch.done.set_result(None)

    async def check(self) -> None:
        """See ``Database.check``."""
        try:
            self._reader.execute("SELECT count(*) FROM sqlite_schema").fetchall()
        except sqlite3.Error as error:
            raise _translate(error) from error

    async def close(self) -> None:
        """See ``Database.close``."""
        if self._committers:
            await asyncio.wait(self._committers)
        self._thread.shutdown()
        self._writer.close()
        self._reader.close()
