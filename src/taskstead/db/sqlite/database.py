"""The SQLite engine: reads run in the event loop, and writes use group commit.

Reads have their own connections (``reader.py``). All writes of the process use a single
other connection. A write lock ensures that one transaction runs at a time:

- A transaction acquires the lock, runs in a savepoint, releases the lock and waits for its batch.
- The queue of the lock is round-robin by workspace.
- If the queue is empty or the batch is full, the COMMIT of the batch takes over the lock. It waits
  for the disk, so it runs in a thread.
- If the COMMIT fails, all transactions of the batch fail. They also fail after an error that makes
  SQLite roll back the whole batch.

Other processes may use the same file. While they write, ``BEGIN IMMEDIATE`` is retried after short
sleeps, so that it does not block the event loop.
"""

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from time import perf_counter
from typing import Self

from taskstead.db.acquire_timeout import AcquireTimeout
from taskstead.db.commit_listeners import CommitListener, CommitListeners
from taskstead.db.database import PoolState, Transaction
from taskstead.db.lane import Lane
from taskstead.db.outages import Outages
from taskstead.db.sql.query import Query, R
from taskstead.db.sql.statements import (
    SQLITE,
    Parameters,
    compile_statement,
)
from taskstead.db.sqlite.commit_group import Batch
from taskstead.db.sqlite.connection import (
    connect_sqlite,
    raise_translated,
    retry_while_locked,
)
from taskstead.db.sqlite.file import (
    VERSION_TABLE,
    SqliteFile,
    check_lost,
    create_private_file,
    get_identity,
    write_marker,
)
from taskstead.db.sqlite.reader import SqliteReader
from taskstead.db.sqlite.transaction import SqliteTransaction
from taskstead.errors import DatabaseBusyError, DatabaseReplacedError, TasksteadError
from taskstead.observability.query_stats import Meter

_BEGIN = "BEGIN IMMEDIATE"
_LIST_TABLES = "SELECT name FROM sqlite_schema WHERE type = 'table'"

# Maximum number of transactions per batch. It limits how long the first transaction of a batch
# waits for the last one.
_MAX_BATCH_SIZE = 64
# After a timeout, maximum wait for the write lock of the file until it has been acquired again.
_LOCKED_WAIT_SECONDS = 0.25
_LOCKED = "Another process holds the write lock of the database file; try again in a moment."

# Interval of the checks for commits of other processes while there are listeners.
_POLL_SECONDS = 0.15


class _WriteLock(Lane):
    """The write lock of this process. When it is released, a COMMIT that is due takes it over.

    Args:
        take_over: starts the COMMIT if it is due, and returns whether it has started it.
    """

    def __init__(
        self, take_over: Callable[..., bool], *, acquire_timeout: AcquireTimeout, meter: Meter
    ) -> None:
        super().__init__(1, acquire_timeout=acquire_timeout, meter=meter)
        self._take_over = take_over

    def release(self) -> None:
        """See ``Lane.release``."""
        if not self._take_over(is_idle=False):
            super().release()

    def _free(self) -> None:
        if not self._take_over(is_idle=True):
            super()._free()


class SqliteDatabase:
    """SQLite implementation of ``database.Database``.

    Attributes:
        lock_wait_seconds: how long a writer waits while another process holds the lock of the file.
            It is shorter after a timeout, until the lock has been acquired again.
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
        self.meter = meter
        self._reader = reader
        self._writer = writer
        self._file = file
        self._wait_seconds = wait_seconds
        self.lock_wait_seconds = wait_seconds
        # Whether another process held the write lock of the file at the last attempt of BEGIN.
        self._is_locked = False
        acquire_timeout = AcquireTimeout(wait_seconds=wait_seconds, queue_seconds=queue_seconds)
        self.outages = Outages("database", meter, self.check)
        self._commit_listeners = CommitListeners()
        self._write_lock = _WriteLock(
            self._start_commit, acquire_timeout=acquire_timeout, meter=meter
        )
        self._batch: Batch | None = None
        self._committers: set[asyncio.Task[None]] = set()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sqlite-commit")

    @classmethod
    async def open(
        cls, path: str, *, wait_seconds: float, queue_seconds: float, meter: Meter
    ) -> Self:
        """Open the file. If it does not exist, create it.

        Raises:
            DatabaseUnavailableError: the file cannot be opened, or it is missing or empty although
                there has been a database.
            DatabaseDamagedError: the file is damaged or is not an SQLite database.
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

    async def fetch_one(self, query: Query[R], parameters: Parameters) -> R | None:
        """See ``Reader.fetch_one``."""
        rows = await self.fetch_all(query, parameters)
        return rows[0] if rows else None

    async def fetch_all(
        self, query: Query[R], parameters: Parameters, *, is_long: bool = False
    ) -> list[R]:
        """See ``Reader.fetch_all``."""
        compiled = compile_statement(query.statement, SQLITE)
        values = compiled.bind(parameters)
        try:
            found = await self._reader.read(compiled.sql, values, is_long=is_long)
            return await compiled.read_all(found)
        except Exception as error:
            with self.outages.recording_failures(is_write=False):
                self._file.examine(error)
                raise

    @asynccontextmanager
    async def transaction(self, workspace_id: str | None = None) -> AsyncGenerator[Transaction]:
        """See ``Database.transaction``."""
        acquire_timeout = self._write_lock.acquire_timeout
        with self.outages.recording_failures(is_write=True):
            await self._acquire_write_lock(workspace_id)
            try:
                batch = await self._join_batch()
                transaction = SqliteTransaction(
                    self._writer, self.meter, acquire_timeout.note_progress
                )
                try:
                    self._control("SAVEPOINT one")
                    yield transaction
                    transaction.check()
                    self._control("RELEASE one")
                    batch.announced |= transaction.announced
                    acquire_timeout.note_progress()
                except BaseException as error:
                    self.meter.rollbacks += 1
                    self._undo(batch)
                    self._file.examine(error)
                    raise
                finally:
                    transaction.is_over = True
            finally:
                self._write_lock.release()
            began = perf_counter()
            await batch.wait()
            self.meter.note_commit(began)

    async def _acquire_write_lock(self, workspace_id: str | None) -> None:
        try:
            await self._write_lock.acquire(workspace_id)
        except DatabaseBusyError:
            if self._is_locked:
                # The first writer of the queue waits for another process.
                raise DatabaseBusyError(_LOCKED) from None
            raise

    def _control(self, sql: str) -> None:
        try:
            self._writer.execute(sql)
        except sqlite3.Error as error:
            raise_translated(error)

    async def _join_batch(self) -> Batch:
        """Return the current batch. If there is none, begin a new one."""
        if self._batch is None:
            self._file.check()
            if self._writer.in_transaction:
                # The ROLLBACK of an earlier batch has failed, so roll it back now.
                self._control("ROLLBACK")
            began = perf_counter()
            # If the first attempt succeeds, this is reset before other tasks can run.
            self._is_locked = True
            try:
                await retry_while_locked(
                    lambda: self._writer.execute(_BEGIN), self.lock_wait_seconds
                )
            except DatabaseBusyError as error:
                self.lock_wait_seconds = min(self._wait_seconds, _LOCKED_WAIT_SECONDS)
                # Set the error of SQLite as the cause, so that it is logged.
                raise DatabaseBusyError(_LOCKED) from error.__cause__
            finally:
                self.meter.note_statement(_BEGIN, began)
            self._is_locked = False
            self.lock_wait_seconds = self._wait_seconds
            self._batch = Batch()
        self._batch.size += 1
        return self._batch

    def _undo(self, batch: Batch) -> None:
        """Roll back one transaction. If SQLite cannot do this, roll back the whole batch."""
        try:
            self._writer.execute("ROLLBACK TO one")
            self._writer.execute("RELEASE one")
        except sqlite3.Error as error:
            # After a full disk or an I/O error, SQLite may have rolled back the whole batch
            # (sqlite.org/lang_transaction), or may accept only a ROLLBACK.
            self._batch = None
            self._roll_back()
            batch.end(error)

    def _roll_back(self) -> None:
        if self._writer.in_transaction:
            with contextlib.suppress(sqlite3.Error):
                self._writer.execute("ROLLBACK")

    def _start_commit(self, *, is_idle: bool) -> bool:
        """Start the COMMIT if it is due; return whether it has taken over the write lock.

        Args:
            is_idle: whether no writer waits for the lock.
        """
        batch = self._batch
        if batch is None or not (is_idle or batch.size >= _MAX_BATCH_SIZE):
            return False
        self._batch = None
        committer = asyncio.create_task(self._commit(batch))
        self._committers.add(committer)
        committer.add_done_callback(self._committers.discard)
        return True

    async def _commit(self, batch: Batch) -> None:
        """Run the COMMIT of a batch in a thread, then release the write lock."""
        reason: BaseException | None = None
        try:
            self.meter.note_batch(batch.size)
            reason = await self._try_to_commit()
        except BaseException as error:
            reason = error
            raise
        finally:
            self._write_lock.release()
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
        """Run COMMIT, then compare the open file with the file at the path.

        Returns:
            A description of the difference; None if it is the same file.
        """
        self._writer.execute("COMMIT")
        return self._file.find_difference()

    @asynccontextmanager
    async def watch(self, listener: CommitListener) -> AsyncGenerator[None]:
        """See ``Database.watch``. Commits of other processes are detected by polling."""
        with self._commit_listeners.registered(listener):
            polling = asyncio.create_task(self._poll_commits(listener))
            try:
                yield
            finally:
                polling.cancel()
                await asyncio.wait([polling])

    async def _poll_commits(self, listener: CommitListener) -> None:
        """Call the listener with None after commits of other connections.

        They change the ``data_version`` of the file (sqlite.org/pragma).
        """
        last_version: object = None
        while True:
            with contextlib.suppress(TasksteadError):
                version = self._reader.get_data_version()
                if version != last_version:
                    last_version = version
                    listener(None)
            await asyncio.sleep(_POLL_SECONDS)

    def get_pool_state(self) -> PoolState:
        """Return the state of the write connection; see ``Database.get_pool_state``."""
        return PoolState(1, self._write_lock.in_use, self._write_lock.waiting)

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
        while self._committers or self._write_lock.in_use:
            # Let the writers in the queue finish first.
            with contextlib.suppress(DatabaseBusyError):
                await self._write_lock.acquire()
                self._write_lock.release()
            if self._committers:
                await asyncio.wait(self._committers)
        self._thread.shutdown()
        self._writer.close()
        self._reader.close()
