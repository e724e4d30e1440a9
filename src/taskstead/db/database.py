"""The interface that services and queries see. Which engine is behind it: ``opening.py``.

Reads go to the database itself and see what is committed. Writes happen in a transaction, which
is durable when its ``async with`` block has been left without an error:

    async with database.transaction() as transaction:
        await transaction.execute(statement, {"id": id})

A transaction's body awaits nothing but its own SQL, and turns of the event loop where it is long
(``cooperative.py``): on SQLite it holds the one writer's turn.
"""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import NamedTuple, Protocol

from sqlalchemy import Executable

from taskstead.db.commits import Notice
from taskstead.db.outages import Outages
from taskstead.db.statements import Parameters, Row
from taskstead.telemetry.statements import Meter


class UniqueViolationError(Exception):
    """A row would have repeated a unique key. A service turns it into its own answer."""


class TransactionFailedError(Exception):
    """A transaction's body went on after a statement had failed: a fault of ours, rolled back.

    PostgreSQL takes nothing but a rollback then. SQLite would go on, and does not either.
    """


class PoolState(NamedTuple):
    """How busy the connections are now.

    Attributes:
        size: the most there can be. On SQLite it is the one that writes; reads do not wait.
        in_use: those handed out.
        waiting: callers that wait for one.
    """

    size: int
    in_use: int
    waiting: int


class Reader(Protocol):
    """What can be read from: a database (what is committed) or a transaction (its own view).

    Every method raises ``DatabaseBusyError`` when no connection is free within the bounded wait
    and ``DatabaseUnavailableError`` when the database cannot be reached.
    """

    async def fetch_one(self, statement: Executable, parameters: Parameters) -> Row | None:
        """Return the first row by column name, or None."""

    async def fetch_all(self, statement: Executable, parameters: Parameters) -> list[Row]:
        """Return all rows by column name."""


class LongReader(Reader, Protocol):
    """What can be asked for more than a moment's work: a database, not a transaction.

    Attributes:
        dialect: as the database's.
    """

    dialect: str

    async def fetch_all(
        self, statement: Executable, parameters: Parameters, *, is_long: bool = False
    ) -> list[Row]:
        """Return all rows by column name.

        Args:
            statement: what to read.
            parameters: its parameters.
            is_long: it is known to take more than a millisecond, as a search does.
        """


class Transaction(Reader, Protocol):
    """A transaction under way.

    Attributes:
        dialect: as the database's.
    """

    dialect: str

    async def execute(self, statement: Executable, parameters: Parameters) -> int:
        """Run a statement; return the number of rows it changed.

        Raises:
            UniqueViolationError: a unique key would have been repeated.
        """

    async def execute_many(self, statement: Executable, rows: Sequence[Parameters]) -> None:
        """Run a statement once for each set of parameters; nothing for none.

        Raises:
            UniqueViolationError: a unique key would have been repeated. It may be told of by a
                later statement or at the end: INSERTs may be held back to be sent together.
        """

    async def lock(self, key: int) -> None:
        """Wait for a lock that one transaction at a time can hold; its end releases it."""

    async def try_lock(self, key: int) -> bool:
        """Take such a lock if that can be done at once; tell whether it was."""

    def announce(self, workspace_id: str) -> None:
        """Have those who watch the database told of a write to a workspace, after the commit."""

    def savepoint(self) -> AbstractAsyncContextManager[None]:
        """Begin a part of the transaction that an error undoes alone.

        Whoever catches the error outside of the block may go on with the transaction. Locks that
        were taken in the block are released with it.
        """


class Database(LongReader, Protocol):
    """An open database.

    Attributes:
        dialect: ``sqlite`` or ``postgresql``.
        statement_count: statements run since it was opened; tests count with it.
        meter: what it has done, for whoever watches it.
        outages: are logged by it.
    """

    dialect: str
    meter: Meter
    outages: Outages

    @property
    def statement_count(self) -> int:
        """See above."""

    def transaction(
        self, workspace_id: str | None = None
    ) -> AbstractAsyncContextManager[Transaction]:
        """Begin a transaction; leaving the block commits it, an error rolls it back.

        The commit waits until what the transaction has written is durable, and also what it has
        read: a transaction that finds its work done already acknowledges an earlier write.

        Args:
            workspace_id: the workspace that it writes to. The writers of one workspace queue among
                themselves, so that they do not hold up those of others.

        Raises:
            TransactionFailedError: the body went on after a statement had failed.
        """

    def watch(self, notice: Notice) -> AbstractAsyncContextManager[None]:
        """Have a function called soon after commits, of any process, as long as the block runs.

        It gets the id of the workspace that was written to and announced; or None, which says that
        it may be any, and that what was committed so far is to be looked at. It is called with None
        once the watching has begun, and after each interruption of it.
        """

    def get_pool_state(self) -> PoolState:
        """Return how busy the connections are now."""

    def check_files(self) -> None:
        """Make sure that the files of an SQLite database are in place and not known as damaged.

        Raises:
            DatabaseReplacedError, DatabaseDamagedError: they are not.
        """

    async def check(self) -> None:
        """Do one trivial read, to find out whether the database answers."""

    async def close(self) -> None:
        """Finish what is under way and close the connections."""
