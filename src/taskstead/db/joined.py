"""A database as it is seen from within a transaction under way.

For a caller that has one thing more to write in the same transaction as a service that begins and
ends its own.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from sqlalchemy import Executable

from taskstead.db.commits import Notice
from taskstead.db.database import Database, PoolState, Transaction
from taskstead.db.statements import Parameters, Row


class JoinedDatabase:
    """What is done to it is done in one transaction; else as ``database.Database`` describes it.

    Reads see what the transaction has written. Its own transactions are parts of it, in savepoints:
    an error undoes one of them as ever, but none is durable before the transaction that they have
    joined, and what they have locked stays locked until then.
    """

    def __init__(self, database: Database, transaction: Transaction) -> None:
        self.dialect = database.dialect
        self.meter = database.meter
        self.outages = database.outages
        self._database = database
        self._transaction = transaction
        self._is_first = True

    @property
    def statement_count(self) -> int:
        """See ``Database.statement_count``."""
        return self._database.statement_count

    async def fetch_one(self, statement: Executable, parameters: Parameters) -> Row | None:
        """See ``Reader.fetch_one``."""
        return await self._transaction.fetch_one(statement, parameters)

    async def fetch_all(
        self, statement: Executable, parameters: Parameters, *, is_long: bool = False
    ) -> list[Row]:
        """See ``LongReader.fetch_all``; a transaction knows by itself what is long."""
        del is_long
        return await self._transaction.fetch_all(statement, parameters)

    @asynccontextmanager
    async def transaction(self, workspace_id: str | None = None) -> AsyncGenerator[Transaction]:
        """See ``Database.transaction``, and above."""
        del workspace_id  # The transaction that is joined has waited for its turn.
        if not self._is_first:
            # Work in many steps: readers in this process get a moment between two of them.
            await asyncio.sleep(0)
        self._is_first = False
        async with self._transaction.savepoint():
            yield self._transaction

    def watch(self, notice: Notice) -> AbstractAsyncContextManager[None]:
        """See ``Database.watch``."""
        return self._database.watch(notice)

    def get_pool_state(self) -> PoolState:
        """See ``Database.get_pool_state``."""
        return self._database.get_pool_state()

    def check_files(self) -> None:
        """See ``Database.check_files``."""
        self._database.check_files()

    async def check(self) -> None:
        """See ``Database.check``."""
        await self._database.check()

    async def close(self) -> None:
        """Leave it open: it belongs to whoever began the transaction."""
