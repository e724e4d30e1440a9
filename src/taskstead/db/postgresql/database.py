"""The PostgreSQL engine: runs compiled statements on asyncpg through a fixed-size pool."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from functools import partial
from time import perf_counter
from typing import NoReturn

from taskstead.db.acquire_timeout import AcquireTimeout
from taskstead.db.commit_listeners import CommitListener, CommitListeners
from taskstead.db.database import (
    LongReader,
    PoolState,
    Transaction,
    TransactionFailedError,
)
from taskstead.db.lane import Lane, Lanes
from taskstead.db.outages import Outages
from taskstead.db.postgresql.connection import (
    BUSY_ERRORS,
    UNAVAILABLE_ERRORS,
    Connector,
    translate_postgresql_error,
)
from taskstead.db.postgresql.listen import CommitNotifications
from taskstead.db.postgresql.pool import Connection, Pool
from taskstead.db.postgresql.transaction import PostgresqlTransaction, roll_back
from taskstead.db.sql.query import Query, R
from taskstead.db.sql.statements import (
    Parameters,
)
from taskstead.errors import DatabaseBusyError, DatabaseUnavailableError, TasksteadError
from taskstead.observability.query_stats import Meter

# Long reads may use a third of the connections, and at least one connection.
_LONG_READS_SHARE = 3
# Maximum number of writers per workspace that hold a connection. One runs its transaction, while
# the next has begun its transaction and waits for the row lock.
_MAX_WRITERS = 2

_BEGIN_SNAPSHOT = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
# Writes a WAL record without changing a table. COMMIT then waits for the disk and for the
# synchronous standby, as it does after a write. Without a WAL record, COMMIT would return
# immediately.
_CONFIRM = "SELECT pg_logical_emit_message(true, 'taskstead', '')"
_UNCONFIRMED = (
    "The wait for the synchronous standby was cancelled. The write is committed on the primary "
    "only. Retry the request. The server responds when the standby has confirmed the write."
)


class _Checkout:
    """Context manager that checks a connection out of the pool.

    A connection that is closed, still in a transaction, or in an unknown state after a cancellation
    is discarded. The pool opens a new one when it is needed. This is a class because
    ``asynccontextmanager`` would make a read 10 % slower.
    """

    __slots__ = ("_connection", "_is_write", "_outages", "_pool")

    _connection: Connection

    def __init__(self, pool: Pool, outages: Outages, *, is_write: bool = False) -> None:
        self._pool = pool
        self._outages = outages
        self._is_write = is_write

    async def __aenter__(self) -> Connection:
        try:
            self._connection = await self._pool.acquire()
        except Exception as error:  # noqa: BLE001 - every exception is re-raised
            self._raise(error)
        return self._connection

    async def __aexit__(self, _type: object, error: BaseException | None, _trace: object) -> None:
        connection = self._connection
        was_cancelled = error is not None and not isinstance(error, Exception)
        is_lost = isinstance(error, (*UNAVAILABLE_ERRORS, DatabaseUnavailableError))
        is_usable = not was_cancelled and not is_lost and not connection.is_closed()
        if is_usable and not isinstance(error, (*BUSY_ERRORS, DatabaseBusyError)):
            self._pool.acquire_timeout.note_progress()
        self._pool.release(connection, broken=not is_usable or connection.is_in_transaction())
        if isinstance(error, Exception):
            self._raise(error)

    def _raise(self, error: Exception) -> NoReturn:
        translated = translate_postgresql_error(error)
        if isinstance(translated, (DatabaseBusyError, DatabaseUnavailableError)):
            self._outages.note_failure(translated, is_write=self._is_write)
        raise translated


class PostgresqlDatabase:
    """PostgreSQL implementation of ``database.Database``.

    Attributes:
        pool: the connection pool.
        long_reads: limits how many connections long reads use at the same time.
        writers: limits how many connections the writers of a workspace use at the same time.
            Writers over the limit wait without a connection.
    """

    dialect = "postgresql"

    def __init__(
        self,
        url: str,
        *,
        pool_size: int,
        wait_seconds: float,
        queue_seconds: float,
        meter: Meter,
        name: str = "database",
    ) -> None:
        self.meter = meter
        self._connector = Connector(url, lock_seconds=wait_seconds)
        open_connection = self._connector.connect
        self.outages = Outages(name, meter, self.check)
        make_timeout = partial(
            AcquireTimeout,
            wait_seconds=wait_seconds,
            queue_seconds=queue_seconds,
            on_timeout=partial(self.outages.note_failure, is_write=False),
        )
        self.pool = Pool(
            open_connection, size=pool_size, acquire_timeout=make_timeout(), meter=meter
        )
        self.long_reads = Lane(
            max(1, pool_size // _LONG_READS_SHARE), acquire_timeout=make_timeout(), meter=meter
        )
        self.writers = Lanes(
            lambda: Lane(_MAX_WRITERS, acquire_timeout=make_timeout(), meter=meter)
        )
        self._checkout = partial(_Checkout, self.pool, self.outages)
        self._commit_listeners = CommitListeners()
        self._notifications = CommitNotifications(self._checkout, open_connection)

    async def fetch_one(self, query: Query[R], parameters: Parameters) -> R | None:
        """See ``Reader.fetch_one``."""
        async with self._checkout() as connection:
            return await PostgresqlTransaction(connection, self.meter).fetch_one(query, parameters)

    async def fetch_all(
        self, query: Query[R], parameters: Parameters, *, is_long: bool = False
    ) -> list[R]:
        """See ``LongReader.fetch_all``."""
        async with self.reserve(is_long=is_long), self._checkout() as connection:
            return await PostgresqlTransaction(connection, self.meter).fetch_all(query, parameters)

    def reserve(self, *, is_long: bool) -> AbstractAsyncContextManager[None]:
        """Acquire a slot of ``long_reads`` for the duration of the block, if the read is long."""
        return self.long_reads.holding() if is_long else nullcontext()

    @asynccontextmanager
    async def transaction(self, workspace_id: str | None = None) -> AsyncGenerator[Transaction]:
        """See ``Database.transaction``."""
        slot = nullcontext() if workspace_id is None else self.writers.holding(workspace_id)
        async with slot, self._checkout(is_write=True) as connection:
            began = perf_counter()
            await connection.execute("BEGIN")
            self.meter.note_statement("BEGIN", began)
            transaction = PostgresqlTransaction(connection, self.meter)
            try:
                yield transaction
                await transaction.flush()
            except BaseException as error:
                self.meter.rollbacks += 1
                if isinstance(error, Exception):
                    await roll_back(connection)
                # The response would confirm an earlier write, so wait until that write is durable.
                if isinstance(error, TasksteadError) and error.confirms_write:
                    await self._commit(connection, f"BEGIN; {_CONFIRM}; COMMIT")
                raise
            finally:
                transaction.is_over = True
            sql = "COMMIT" if transaction.has_written else f"{_CONFIRM}; COMMIT"
            await self._commit(connection, sql)
        self._commit_listeners.notify(transaction.announced)
        self._notifications.send(transaction.announced)

    async def _commit(self, connection: Connection, sql: str) -> None:
        """Run SQL that ends with COMMIT.

        Raises:
            TransactionFailedError: a statement of the transaction had failed, so COMMIT rolled it
                back.
            DatabaseUnavailableError: the synchronous standby has not confirmed the commit.
        """
        began = perf_counter()
        tag = await connection.execute(sql)
        self.meter.note_commit(began)
        if tag != "COMMIT":
            # The tag is ROLLBACK if a statement of the transaction has failed.
            raise TransactionFailedError(
                "The transaction was committed after one of its statements had failed. The server "
                "rolled it back."
            )
        # The server reports a cancelled wait for the standby only as a warning.
        if connection in self._connector.unconfirmed:
            raise DatabaseUnavailableError(_UNCONFIRMED)

    @asynccontextmanager
    async def watch(self, listener: CommitListener) -> AsyncGenerator[None]:
        """See ``Database.watch``.

        A dedicated connection receives the commits of other processes.
        """
        with self._commit_listeners.registered(listener):
            listening = asyncio.create_task(self._notifications.listen(listener))
            try:
                yield
            finally:
                listening.cancel()
                await asyncio.wait([listening])

    @asynccontextmanager
    async def snapshot(self) -> AsyncGenerator[LongReader]:
        """Open a read-only transaction that sees one snapshot of the database."""
        async with self._checkout() as connection:
            await connection.execute(_BEGIN_SNAPSHOT)
            try:
                yield PostgresqlTransaction(connection, self.meter)
            except Exception as error:
                # A server that does not respond would not respond to a ROLLBACK either.
                if not isinstance(error, (*UNAVAILABLE_ERRORS, DatabaseUnavailableError)):
                    await roll_back(connection)
                raise
            await connection.execute("COMMIT")

    def get_pool_state(self) -> PoolState:
        """See ``Database.get_pool_state``."""
        waiting = self.pool.waiting + self.writers.waiting + self.long_reads.waiting
        return PoolState(self.pool.size, self.pool.in_use, waiting)

    def check_files(self) -> None:
        """Do nothing, because PostgreSQL checks its own files."""

    async def check(self) -> None:
        """See ``Database.check``."""
        async with self._checkout() as connection:
            await connection.execute("SELECT 1")

    async def close(self) -> None:
        """See ``Database.close``."""
        await self.outages.close()
        await self._notifications.close()
        await self.pool.close()
