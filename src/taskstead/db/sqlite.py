"""The SQLite engine: reads run inline, writers share each COMMIT.

Reads have connections of their own, see ``sqlite_reader.py``. Writers take turns on another one; a
COMMIT, which waits for the disk, runs in a thread and makes a whole batch of transactions durable
(group commit):

- a transaction takes the turn, runs in a savepoint, gives the turn on, and waits for its batch;
- writers of different workspaces take the turn alternately;
- when nobody waits for the turn, or the batch is full, the commit takes it;
- a failed COMMIT fails every transaction of its batch, and so does an error after which SQLite
  cannot undo one transaction alone.

Other processes may use the same file. ``BEGIN IMMEDIATE`` never waits for them inside the event
loop: it is tried, with sleeps between the tries.
"""

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from time import perf_counter
from typing import Self

from sqlalchemy import Executable

from taskstead.db.commits import CommitListener, CommitListeners
from taskstead.db.database import PoolState, Transaction
from taskstead.db.lane import Lane
from taskstead.db.outages import Outages
from taskstead.db.patience import AcquireTimeout
from taskstead.db.sqlite_batch import Batch
from taskstead.db.sqlite_connection import (
    connect_sqlite,
    raise_translated,
    retry_while_locked,
)
from taskstead.db.sqlite_file import (
    VERSION_TABLE,
    SqliteFile,
    check_lost,
    create_private_file,
    get_identity,
    write_marker,
)
from taskstead.db.sqlite_reader import SqliteReader
from taskstead.db.sqlite_transaction import SqliteTransaction
from taskstead.db.statements import (
    SQLITE,
    CompiledStatement,
    Parameters,
    Row,
    compile_statement,
)
from taskstead.errors import DatabaseBusyError, DatabaseReplacedError, TasksteadError
from taskstead.telemetry.statements import Meter

_BEGIN = "BEGIN IMMEDIATE"
_LIST_TABLES = "SELECT name FROM sqlite_schema WHERE type = 'table'"

# A commit makes so many transactions durable at most: the first of them waits for the last.
_MOST_IN_BATCH = 64
_STUCK_SECONDS = 0.25
_LOCKED = "Another process holds the write lock of the database file; try again in a moment."

# How long other processes' commits may go unnoticed, while somebody watches.
_LOOK_SECONDS = 0.15


class _Turn(Lane):
    """The turn to write. Before it becomes free, a commit may take it over.

    Args:
        take_over: starts the commit if it is time to, and returns whether it has.
    """

    def __init__(
        self, take_over: Callable[..., bool], *, patience: AcquireTimeout, meter: Meter
    ) -> None:
        super().__init__(1, patience=patience, meter=meter)
        self._take_over = take_over

    def release(self) -> None:
        """See ``Lane.release``."""
        if not self._take_over(is_idle=False):
            super().release()

    def _free(self) -> None:
        if not self._take_over(is_idle=True):
            super()._free()


class SqliteDatabase:
    """An SQLite file, as ``database.Database`` describes it.

    Attributes:
        lock_wait_seconds: how long a writer waits for the write lock of another process. It is
            shorter after a writer has waited in vain, until the lock can be taken again.
    """

    dialect = "sqlite"

    def __init__(
        self,
        reader: SqliteReader,
        writer: sqlite3.Connection,
        file: SqliteFile,
        *,
        wait_seconds: float,
        queue_seconds: float,
        meter: Meter,
    ) -> None:
        self.statement_count = 0
        self.meter = meter
        self._reader = reader
        self._writer = writer
        self._file = file
        self._wait_seconds = wait_seconds
        self.lock_wait_seconds = wait_seconds
        # Another process held the write lock when BEGIN was last tried.
        self._is_locked = False
        patience = AcquireTimeout(wait_seconds=wait_seconds, queue_seconds=queue_seconds)
        self.outages = Outages("database", meter, self.check)
        self._commit_listeners = CommitListeners()
        self._turn = _Turn(self._start_commit, patience=patience, meter=meter)
        self._batch: Batch | None = None
        self._committers: set[asyncio.Task[None]] = set()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sqlite-commit")

    @classmethod
    async def open(
        cls, path: str, *, wait_seconds: float, queue_seconds: float, meter: Meter
    ) -> Self:
        """Open the file, creating it when it is not there.

        Raises:
            DatabaseUnavailableError: it cannot be opened, or is missing or empty although there
                has been a database.
            DatabaseDamagedError: it is damaged or not an SQLite database.
        """
        check_lost(path)
        create_private_file(path)
        identity = get_identity(path)
        with contextlib.ExitStack() as closing:
            writer = closing.enter_context(contextlib.closing(connect_sqlite(path)))
            reader = SqliteReader(
                path, wait_seconds=wait_seconds, queue_seconds=queue_seconds, meter=meter
            )
            closing.enter_context(contextlib.closing(reader))
            tables = {name for (name,) in await reader.read(_LIST_TABLES, ())}
            is_migrated = VERSION_TABLE in tables
            check_lost(path, is_empty=not is_migrated)
            file = SqliteFile(path, identity, tables)
            if is_migrated:
                write_marker(path)
            closing.pop_all()
        return cls(
            *(reader, writer, file),
            wait_seconds=wait_seconds,
            queue_seconds=queue_seconds,
            meter=meter,
        )

    def compile(self, statement: Executable) -> CompiledStatement:
        """Return the compiled statement and count its use."""
        self.statement_count += 1
        return compile_statement(statement, SQLITE)

    async def fetch_one(self, statement: Executable, parameters: Parameters) -> Row | None:
        """See ``Reader.fetch_one``."""
        rows = await self.fetch_all(statement, parameters)
        return rows[0] if rows else None

    async def fetch_all(
        self, statement: Executable, parameters: Parameters, *, is_long: bool = False
    ) -> list[Row]:
        """See ``Reader.fetch_all``."""
        compiled = self.compile(statement)
        values = compiled.bind(parameters)
        try:
            found = await self._reader.read(compiled.sql, values, is_long=is_long)
            return await compiled.read_all(found)
        except Exception as error:
            with self.outages.noting(is_write=False):
                self._file.examine(error)
                raise

    @asynccontextmanager
    async def transaction(self, workspace_id: str | None = None) -> AsyncGenerator[Transaction]:
        """See ``Database.transaction``."""
        patience = self._turn.patience
        with self.outages.noting(is_write=True):
            await self._acquire_turn(workspace_id)
            try:
                batch = await self._join_batch()
                transaction = SqliteTransaction(self, self._writer, patience.note_move)
                try:
                    self._control("SAVEPOINT one")
                    yield transaction
                    transaction.check()
                    self._control("RELEASE one")
                    batch.announced |= transaction.announced
                    patience.note_move()
                except BaseException as error:
                    self.meter.rollbacks += 1
                    self._undo(batch)
                    self._file.examine(error)
                    raise
                finally:
                    transaction.is_over = True
            finally:
                self._turn.release()
            began = perf_counter()
            await batch.wait()
            self.meter.note_commit(began)

    async def _acquire_turn(self, workspace_id: str | None) -> None:
        try:
            await self._turn.acquire(workspace_id)
        except DatabaseBusyError:
            if self._is_locked:
                # The writer at the head of the queue waits for the lock.
                raise DatabaseBusyError(_LOCKED) from None
            raise

    def _control(self, sql: str) -> None:
        try:
            self._writer.execute(sql)
        except sqlite3.Error as error:
            raise_translated(error)

    async def _join_batch(self) -> Batch:
        """Return the batch under way, or begin one."""
        if self._batch is None:
            self._file.check()
            if self._writer.in_transaction:
                # Left by a batch that could not even be rolled back.
                self._control("ROLLBACK")
            began = perf_counter()
            # Other tasks see this only if the first try fails and is repeated.
            self._is_locked = True
            try:
                await retry_while_locked(
                    lambda: self._writer.execute(_BEGIN), self.lock_wait_seconds
                )
            except DatabaseBusyError as error:
                self.lock_wait_seconds = min(self._wait_seconds, _STUCK_SECONDS)
                # SQLite's own error, for the log.
                raise DatabaseBusyError(_LOCKED) from error.__cause__
            finally:
                self.meter.note_statement(_BEGIN, began)
            self._is_locked = False
            self.lock_wait_seconds = self._wait_seconds
            self._batch = Batch()
        self._batch.size += 1
        return self._batch

    def _undo(self, batch: Batch) -> None:
        """Undo one transaction; its batch goes on, unless SQLite can only undo them all."""
        try:
            self._writer.execute("ROLLBACK TO one")
            self._writer.execute("RELEASE one")
        except sqlite3.Error as error:
            # After a full disk or an I/O error, SQLite may have rolled back everything since BEGIN
            # (sqlite.org/lang_transaction), or take nothing but that.
            self._batch = None
            self._roll_back()
            batch.end(error)

    def _roll_back(self) -> None:
        if self._writer.in_transaction:
            with contextlib.suppress(sqlite3.Error):
                self._writer.execute("ROLLBACK")

    def _start_commit(self, *, is_idle: bool) -> bool:
        """Commit the batch if it is time to; return whether the commit has taken the turn over.

        Args:
            is_idle: nobody waits for the turn.
        """
        batch = self._batch
        if batch is None or not (is_idle or batch.size >= _MOST_IN_BATCH):
            return False
        self._batch = None
        committer = asyncio.create_task(self._commit(batch))
        self._committers.add(committer)
        committer.add_done_callback(self._committers.discard)
        return True

    async def _commit(self, batch: Batch) -> None:
        """COMMIT a batch in a thread, and give the turn on."""
        reason: BaseException | None = None
        try:
            self.meter.note_batch(batch.size)
            reason = await self._try_to_commit()
        except BaseException as error:
            reason = error
            raise
        finally:
            self._turn.release()
            batch.end(reason)
        if reason is None:
            self._commit_listeners.notify(batch.announced)

    async def _try_to_commit(self) -> sqlite3.Error | DatabaseReplacedError | None:
        loop = asyncio.get_running_loop()
        try:
            self._file.report(await loop.run_in_executor(self._thread, self._commit_in_thread))
        except sqlite3.Error as error:
            self._roll_back()
            return error
        except DatabaseReplacedError as error:
            return error
        return None

    def _commit_in_thread(self) -> str | None:
        """COMMIT; return how the file that holds it now differs from the one at the path."""
        self._writer.execute("COMMIT")
        return self._file.find_difference()

    @asynccontextmanager
    async def watch(self, notice: CommitListener) -> AsyncGenerator[None]:
        """See ``Database.watch``; other processes' commits are found by looking for them."""
        with self._commit_listeners.registered(notice):
            looking = asyncio.create_task(self._look_for_commits(notice))
            try:
                yield
            finally:
                looking.cancel()
                await asyncio.wait([looking])

    async def _look_for_commits(self, notice: CommitListener) -> None:
        """Call a function with None when the file has changed (sqlite.org, data_version)."""
        seen: object = None
        while True:
            with contextlib.suppress(TasksteadError):
                found = self._reader.get_data_version()
                if found != seen:
                    seen = found
                    notice(None)
            await asyncio.sleep(_LOOK_SECONDS)

    def get_pool_state(self) -> PoolState:
        """See ``Database.get_pool_state``: of the one connection that writes."""
        return PoolState(1, self._turn.in_use, self._turn.waiting)

    def check_files(self) -> None:
        """See ``Database.check_files``."""
        self._file.check()

    async def check(self) -> None:
        """See ``Database.check``."""
        self._file.check()
        await self._reader.read("SELECT count(*) FROM sqlite_schema", ())

    async def close(self) -> None:
        """See ``Database.close``."""
        await self.outages.close()
        while self._committers or self._turn.in_use:
            # Whoever waits for the turn has it first.
            with contextlib.suppress(DatabaseBusyError):
                await self._turn.acquire()
                self._turn.release()
            if self._committers:
                await asyncio.wait(self._committers)
        self._thread.shutdown()
        self._writer.close()
        self._reader.close()
