"""The PostgreSQL engine: compiled statements on asyncpg itself, through our fixed-size pool."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from functools import partial
from time import perf_counter
from typing import NoReturn

from sqlalchemy import Executable

from taskstead.db.commits import CommitListeners, Notice
from taskstead.db.database import (
    LongReader,
    PoolState,
    Transaction,
    TransactionFailedError,
)
from taskstead.db.lane import Lane, Lanes
from taskstead.db.outages import Outages
from taskstead.db.patience import AcquireTimeout
from taskstead.db.pool import Connection, Pool
from taskstead.db.postgresql_connection import (
    BUSY_ERRORS,
    GONE_ERRORS,
    Connector,
    translate_postgresql_error,
)
from taskstead.db.postgresql_notices import Notices
from taskstead.db.postgresql_transaction import PostgresqlTransaction, roll_back
from taskstead.db.statements import (
    POSTGRESQL,
    CompiledStatement,
    Parameters,
    Row,
    compile_statement,
)
from taskstead.errors import DatabaseBusyError, DatabaseUnavailableError, TasksteadError
from taskstead.telemetry.statements import Meter

_LONG_READS_SHARE = 3  # a third of the connections, and one at least
# One writer of a workspace works; another has begun its transaction and waits for the row.
_WRITERS = 2

_BEGIN_SNAPSHOT = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
# Writes a record to the WAL and nothing to any table, so that the COMMIT waits as a write's does:
# for the disk, and for a synchronous standby. PostgreSQL lets a COMMIT without WAL return at once.
_CONFIRM = "SELECT pg_logical_emit_message(true, 'taskstead', '')"
_UNCONFIRMED = (
    "The wait for the synchronous standby was cancelled: the write is on the primary alone. "
    "Repeat it; the answer comes when the standby has it."
)


class _Loan:
    """A connection, lent for a block; whatever leaves it in an unknown state has it replaced.

    A class, because the decorator for generators costs a read a tenth of its time.
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
        except Exception as error:  # noqa: BLE001 - all are raised again
            self._raise(error)
        return self._connection

    async def __aexit__(self, _type: object, error: BaseException | None, _trace: object) -> None:
        connection = self._connection
        is_known = error is None or isinstance(error, Exception)
        is_gone = isinstance(error, (*GONE_ERRORS, DatabaseUnavailableError))
        is_usable = is_known and not is_gone and not connection.is_closed()
        if is_usable and not isinstance(error, (*BUSY_ERRORS, DatabaseBusyError)):
            self._pool.patience.note_move()
        self._pool.release(connection, broken=not is_usable or connection.is_in_transaction())
        if isinstance(error, Exception):
            self._raise(error)

    def _raise(self, error: Exception) -> NoReturn:
        known = translate_postgresql_error(error)
        if isinstance(known, (DatabaseBusyError, DatabaseUnavailableError)):
            self._outages.note_failure(known, is_write=self._is_write)
        raise known


class PostgresqlDatabase:
    """A PostgreSQL database, as ``database.Database`` describes it.

    Attributes:
        pool: the connections.
        long_reads: the share of them that long reads may have at the same time.
        writers: those who write to the same workspace; all but two wait without a connection.
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
        self.statement_count = 0
        self.meter = meter
        self._connector = Connector(url, lock_seconds=wait_seconds)
        open_connection = self._connector.connect
        self.outages = Outages(name, meter, self.check)
        make_patience = partial(
            AcquireTimeout,
            wait_seconds=wait_seconds,
            queue_seconds=queue_seconds,
            on_refusal=partial(self.outages.note_failure, is_write=False),
        )
        self.pool = Pool(open_connection, size=pool_size, patience=make_patience(), meter=meter)
        self.long_reads = Lane(
            max(1, pool_size // _LONG_READS_SHARE), patience=make_patience(), meter=meter
        )
        self.writers = Lanes(lambda: Lane(_WRITERS, patience=make_patience(), meter=meter))
        self._lend = partial(_Loan, self.pool, self.outages)
        self._watchers = CommitListeners()
        self._notices = Notices(self._lend, open_connection)

    def compile(self, statement: Executable) -> CompiledStatement:
        """Return the compiled statement and count its use."""
        self.statement_count += 1
        return compile_statement(statement, POSTGRESQL)

    async def fetch_one(self, statement: Executable, parameters: Parameters) -> Row | None:
        """See ``Reader.fetch_one``."""
        async with self._lend() as connection:
            return await PostgresqlTransaction(self, connection).fetch_one(statement, parameters)

    async def fetch_all(
        self, statement: Executable, parameters: Parameters, *, is_long: bool = False
    ) -> list[Row]:
        """See ``LongReader.fetch_all``."""
        async with self.reserve(is_long=is_long), self._lend() as connection:
            return await PostgresqlTransaction(self, connection).fetch_all(statement, parameters)

    def reserve(self, *, is_long: bool) -> AbstractAsyncContextManager[None]:
        """Hold a place for a long read during the block; a short read needs none."""
        return self.long_reads.holding() if is_long else nullcontext()

    @asynccontextmanager
    async def transaction(self, workspace_id: str | None = None) -> AsyncGenerator[Transaction]:
        """See ``Database.transaction``."""
        turn = nullcontext() if workspace_id is None else self.writers.holding(workspace_id)
        async with turn, self._lend(is_write=True) as connection:
            began = perf_counter()
            await connection.execute("BEGIN")
            self.meter.note_statement("BEGIN", began)
            transaction = PostgresqlTransaction(self, connection)
            try:
                yield transaction
                await transaction.flush()
            except BaseException as error:
                self.meter.rollbacks += 1
                if isinstance(error, Exception):
                    await roll_back(connection)
                if isinstance(error, TasksteadError) and error.confirms_write:
                    await self._commit(connection, f"BEGIN; {_CONFIRM}; COMMIT")
                raise
            finally:
                transaction.is_over = True
            sql = "COMMIT" if transaction.has_written else f"{_CONFIRM}; COMMIT"
            await self._commit(connection, sql)
        self._watchers.tell(transaction.announced)
        self._notices.send(transaction.announced)

    async def _commit(self, connection: Connection, sql: str) -> None:
        """Run what ends in a COMMIT.

        Raises:
            TransactionFailedError: a statement had failed, and the server has rolled back.
            DatabaseUnavailableError: it is not known to be on the synchronous standby.
        """
        began = perf_counter()
        tag = await connection.execute(sql)
        self.meter.note_commit(began)
        if tag != "COMMIT":
            # The server's answer to the COMMIT of a transaction in which a statement failed.
            raise TransactionFailedError(
                "A statement failed, and the transaction went on to its COMMIT."
            )
        if connection in self._connector.unconfirmed:
            raise DatabaseUnavailableError(_UNCONFIRMED)

    @asynccontextmanager
    async def watch(self, notice: Notice) -> AsyncGenerator[None]:
        """See ``Database.watch``; other processes' commits are heard on a connection of its own."""
        with self._watchers.watching(notice):
            listening = asyncio.create_task(self._notices.listen(notice))
            try:
                yield
            finally:
                listening.cancel()
                await asyncio.wait([listening])

    @asynccontextmanager
    async def snapshot(self) -> AsyncGenerator[LongReader]:
        """Give what reads the database as it is at the first read, until the block ends."""
        async with self._lend() as connection:
            await connection.execute(_BEGIN_SNAPSHOT)
            try:
                yield PostgresqlTransaction(self, connection)
            except Exception as error:
                # Who does not answer is not asked to roll back either: the connection is given up.
                if not isinstance(error, (*GONE_ERRORS, DatabaseUnavailableError)):
                    await roll_back(connection)
                raise
            await connection.execute("COMMIT")

    def get_pool_state(self) -> PoolState:
        """See ``Database.get_pool_state``."""
        waiting = self.pool.waiting + self.writers.waiting + self.long_reads.waiting
        return PoolState(self.pool.size, self.pool.in_use, waiting)

    def check_files(self) -> None:
        """See ``Database.check_files``; PostgreSQL looks after its own files."""

    async def check(self) -> None:
        """See ``Database.check``."""
        async with self._lend() as connection:
            await connection.execute("SELECT 1")

    async def close(self) -> None:
        """See ``Database.close``."""
        await self.outages.close()
        await self._notices.close()
        await self.pool.close()
