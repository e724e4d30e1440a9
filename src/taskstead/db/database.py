"""The interfaces of a database and its replica. ``factory.py`` selects the engine.

Reads on a ``Database`` see committed data. Writes run in a transaction. It is durable when its
``async with`` block has ended without an error:

    async with database.transaction() as transaction:
        await transaction.execute(statement, {"id": id})

The body of a transaction must await only its own SQL statements and, in long loops, the functions
of ``concurrency/cooperative.py``, because on SQLite it holds the only write lock of the database.

A long read is a statement that is expected to take more than a millisecond, such as a search. The
engines limit the number of concurrent long reads, so that they do not delay short reads.
"""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import NamedTuple, Protocol, TypedDict, TypeVar

from sqlalchemy import Executable

from taskstead.db.commit_listeners import CommitListener
from taskstead.db.outages import Outages
from taskstead.db.sql.query import Query, R
from taskstead.db.sql.statements import Parameters
from taskstead.observability.query_stats import Meter

Result = TypeVar("Result")


class UniqueViolationError(Exception):
    """A statement violated a unique constraint. Services translate this error."""


class TransactionFailedError(Exception):
    """The body of a transaction continued after a statement had failed. This is a bug.

    The transaction was rolled back. After an error, PostgreSQL accepts only a rollback. SQLite
    would accept more statements, but its engine rejects them so that both engines behave the same.
    """


class PoolState(NamedTuple):
    """State of the connection pool.

    Attributes:
        size: maximum number of connections. On SQLite it is 1, for the write connection.
        in_use: number of connections that are checked out, being opened or being closed.
        waiting: number of callers that wait for a connection.
    """

    size: int
    in_use: int
    waiting: int


class Reader(Protocol):
    """Source of reads: a database (committed data) or a transaction (its own view of the data).

    Every method raises ``DatabaseBusyError`` when no connection becomes free within the acquire
    timeout, and ``DatabaseUnavailableError`` when the database cannot be reached.
    """

    async def fetch_one(self, query: Query[R], parameters: Parameters) -> R | None:
        """Return the first row, or None."""

    async def fetch_all(self, query: Query[R], parameters: Parameters) -> list[R]:
        """Return all rows."""


class LongReader(Reader, Protocol):
    """Source of reads that may be long: a database or a snapshot, but no writing transaction.

    Attributes:
        dialect: ``sqlite`` or ``postgresql``.
    """

    dialect: str

    async def fetch_all(
        self, query: Query[R], parameters: Parameters, *, is_long: bool = False
    ) -> list[R]:
        """Return all rows.

        Args:
            query: the SELECT statement and the type of its rows.
            parameters: its parameters.
            is_long: whether the statement is a long read.
        """


class Transaction(Reader, Protocol):
    """An open transaction.

    Attributes:
        dialect: ``sqlite`` or ``postgresql``.
    """

    dialect: str

    async def execute(self, statement: Executable, parameters: Parameters) -> int:
        """Run a statement; return the number of rows that it changed.

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
        """Acquire an exclusive advisory lock, which is held until the transaction ends."""

    async def try_lock(self, key: int) -> bool:
        """Acquire the lock of :meth:`lock` without waiting; return whether it was acquired."""

    def announce(self, workspace_id: str) -> None:
        """Call the commit listeners with this workspace after the commit."""

    def savepoint(self) -> AbstractAsyncContextManager[None]:
        """Begin a savepoint. An error in the block rolls back to the savepoint.

        A caller that catches the error outside the block may continue with the transaction. The
        rollback releases the locks that were acquired in the block.
        """


class Database(LongReader, Protocol):
    """An open database.

    Attributes:
        dialect: ``sqlite`` or ``postgresql``.
        meter: statistics for metrics.
        outages: logs when requests begin to fail because of the database, and when they work again.
    """

    dialect: str
    meter: Meter
    outages: Outages

    def transaction(
        self, workspace_id: str | None = None
    ) -> AbstractAsyncContextManager[Transaction]:
        """Begin a transaction. It is committed when the block ends, or rolled back after an error.

        The commit waits until everything that the transaction has written or read is durable. Reads
        matter too. If the transaction finds that its work is already done, the response confirms an
        earlier write, which may not be durable yet.

        Args:
            workspace_id: the workspace that the transaction writes to. The writers of a workspace
                share a queue, so that they do not delay writers of other workspaces.

        Raises:
            TransactionFailedError: the body continued after a statement had failed.
        """

    def watch(self, listener: CommitListener) -> AbstractAsyncContextManager[None]:
        """Call a listener soon after each commit of any process, for the duration of the block.

        The listener is called with the id of a workspace that a transaction has announced. It is
        called with None if commits may have been missed, for example at the start or after a lost
        connection. It then has to check all workspaces.
        """

    def get_pool_state(self) -> PoolState:
        """Return the state of the connection pool."""

    def check_files(self) -> None:
        """Check that the files of an SQLite database exist and are not known to be damaged.

        Raises:
            DatabaseReplacedError: a file was deleted or replaced.
            DatabaseDamagedError: the file is known to be damaged.
        """

    async def check(self) -> None:
        """Run a trivial query to find out whether the database responds."""

    async def close(self) -> None:
        """Finish the statements in progress and close the connections."""


class RevisionRow(TypedDict):
    """The current revision of an object."""

    revision: int


class MinimumRevision(NamedTuple):
    """The minimum revision that the data of a read must have.

    Attributes:
        query: query for the current revision. It returns no row if the object does not exist on
            the replica yet.
        parameters: the parameters of the query.
        least: the lowest acceptable revision.
    """

    query: Query[RevisionRow]
    parameters: Parameters
    least: int


class Replica(Protocol):
    """A read replica of a database. Reads that it cannot serve use the primary database.

    A read requires a minimum revision: a query for the current revision, and the lowest acceptable
    result. If the replica is behind or fails, the primary database is read instead.

    Attributes:
        reads: number of reads that the replica served (``replica``), and of reads that the primary
            served because the replica was behind (``behind``) or failed (``failed``).
    """

    reads: dict[str, int]

    async def read(
        self,
        minimum: MinimumRevision,
        read: Callable[[LongReader], Awaitable[Result]],
        *,
        is_long: bool = False,
    ) -> Result:
        """Call a function with a snapshot of the replica or with the primary database.

        Args:
            minimum: the minimum revision of the data.
            read: the function. It is called a second time if the replica fails during the first
                call. A ``TasksteadError`` counts as a result unless it is a database error.
            is_long: whether the function makes a long read. The number of concurrent long reads is
                limited.
        """

    def get_reader(self, minimum: MinimumRevision) -> LongReader:
        """Return a reader that selects the replica or the primary for each statement."""

    @property
    def is_paused(self) -> bool:
        """Whether reads skip the replica, because it failed recently."""
