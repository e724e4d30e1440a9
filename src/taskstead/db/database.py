"""The database interface that services and queries use. ``opening.py`` chooses the engine.

Reads on a ``Database`` see committed data. Writes run in a transaction, which is durable once its
``async with`` block has ended without an error:

    async with database.transaction() as transaction:
        await transaction.execute(statement, {"id": id})

The body of a transaction must await only its own SQL and, in long loops, ``cooperative.py``. On
SQLite it holds the database's only write lock.
"""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import NamedTuple, Protocol

from sqlalchemy import Executable

from taskstead.db.commits import CommitListener
from taskstead.db.outages import Outages
from taskstead.db.statements import Parameters, Row
from taskstead.telemetry.statements import Meter


class UniqueViolationError(Exception):
    """A statement violated a unique constraint. Services translate this error."""


class TransactionFailedError(Exception):
    """The body of a transaction continued after a statement had failed. This is a bug.

    The transaction was rolled back. PostgreSQL accepts only a rollback after an error. SQLite would
    accept more statements; its engine rejects them so that both behave the same.
    """


class PoolState(NamedTuple):
    """State of the connection pool.

    Attributes:
        size: maximum number of connections; 1 on SQLite, the write connection.
        in_use: connections that are checked out.
        waiting: callers that are waiting for a connection.
    """

    size: int
    in_use: int
    waiting: int


class Reader(Protocol):
    """Source of reads: a database (committed data) or a transaction (its own view of the data).

    Every method raises ``DatabaseBusyError`` when no connection becomes free within the acquire
    timeout, and ``DatabaseUnavailableError`` when the database cannot be reached.
    """

    async def fetch_one(self, statement: Executable, parameters: Parameters) -> Row | None:
        """Return the first row as a mapping by column name, or None."""

    async def fetch_all(self, statement: Executable, parameters: Parameters) -> list[Row]:
        """Return all rows as mappings by column name."""


class LongReader(Reader, Protocol):
    """Source of reads that may take long: a database or a snapshot, not a transaction that writes.

    Attributes:
        dialect: ``sqlite`` or ``postgresql``.
    """

    dialect: str

    async def fetch_all(
        self, statement: Executable, parameters: Parameters, *, is_long: bool = False
    ) -> list[Row]:
        """Return all rows as mappings by column name.

        Args:
            statement: the SELECT statement.
            parameters: its parameters.
            is_long: whether it is expected to take more than a millisecond, as a search does.
        """


class Transaction(Reader, Protocol):
    """A transaction in progress.

    Attributes:
        dialect: ``sqlite`` or ``postgresql``.
    """

    dialect: str

    async def execute(self, statement: Executable, parameters: Parameters) -> int:
        """Run a statement; return the number of rows it changed.

        Raises:
            UniqueViolationError: the statement violated a unique constraint.
        """

    async def execute_many(self, statement: Executable, rows: Sequence[Parameters]) -> None:
        """Run a statement once for each set of parameters.

        Raises:
            UniqueViolationError: a row violated a unique constraint. INSERTs may be batched, so a
                later statement or the commit may raise this error instead.
        """

    async def lock(self, key: int) -> None:
        """Wait for an exclusive advisory lock, which is held until the transaction ends."""

    async def try_lock(self, key: int) -> bool:
        """Acquire the lock without waiting, if it is free; return whether it was acquired."""

    def announce(self, workspace_id: str) -> None:
        """Notify commit listeners of a write to a workspace, after the commit."""

    def savepoint(self) -> AbstractAsyncContextManager[None]:
        """Begin a savepoint; an error in the block rolls back to it.

        Code that catches the error outside the block may continue with the transaction. The
        rollback releases locks that were acquired in the block.
        """


class Database(LongReader, Protocol):
    """An open database.

    Attributes:
        dialect: ``sqlite`` or ``postgresql``.
        statement_count: number of statements run since it was opened, for tests.
        meter: statistics for metrics.
        outages: log of the times when the database failed requests.
    """

    dialect: str
    meter: Meter
    outages: Outages

    @property
    def statement_count(self) -> int:
        """The number of statements run."""

    def transaction(
        self, workspace_id: str | None = None
    ) -> AbstractAsyncContextManager[Transaction]:
        """Begin a transaction. The end of the block commits it; an error rolls it back.

        The commit waits until everything that the transaction has written or read is durable.
        Reads matter too: a transaction that finds its work already done acknowledges an earlier
        write, which may not be durable yet.

        Args:
            workspace_id: the workspace that it writes to. Writers of one workspace share a queue,
                so that they do not delay writers of other workspaces.

        Raises:
            TransactionFailedError: the body continued after a statement had failed.
        """

    def watch(self, listener: CommitListener) -> AbstractAsyncContextManager[None]:
        """Call a function soon after each commit of any process, for the duration of the block.

        The function receives the id of a workspace that a transaction has announced. It receives
        None if commits to any workspace may have been missed: at the start and after each
        interruption. The listener then has to check all workspaces.
        """

    def get_pool_state(self) -> PoolState:
        """Return the state of the connection pool."""

    def check_files(self) -> None:
        """Check that the files of an SQLite database are in place and not known to be damaged.

        Raises:
            DatabaseReplacedError: a file was deleted or replaced.
            DatabaseDamagedError: the file is known to be damaged.
        """

    async def check(self) -> None:
        """Run a trivial query to find out whether the database responds."""

    async def close(self) -> None:
        """Finish the statements in progress and close the connections."""
