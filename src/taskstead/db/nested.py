"""Nested transactions: a ``Database`` whose transactions are savepoints of an outer transaction.

Services begin and commit their own transactions. If a service is called with a ``NestedDatabase``,
its transactions become part of an outer transaction. The caller can then write more data in the
same transaction. For example, an idempotency key is stored together with the changes of its
request.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from taskstead.db.commit_listeners import CommitListener
from taskstead.db.database import Database, PoolState, Transaction
from taskstead.db.sql.query import Query, R
from taskstead.db.sql.statements import Parameters


class NestedDatabase:
    """Implementation of ``database.Database`` inside an open transaction.

    Reads see the writes of the outer transaction. Nested transactions are savepoints, so an error
    rolls back only the nested transaction. Their writes become durable, and their locks are
    released, when the outer transaction is committed.
    """

    def __init__(self, database: Database, transaction: Transaction) -> None:
        self.dialect = database.dialect
        self.meter = database.meter
        self.outages = database.outages
        self._database = database
        self._transaction = transaction
        self._is_first = True

    async def fetch_one(self, query: Query[R], parameters: Parameters) -> R | None:
        """See ``Reader.fetch_one``."""
        return await self._transaction.fetch_one(query, parameters)

    async def fetch_all(
        self, query: Query[R], parameters: Parameters, *, is_long: bool = False
    ) -> list[R]:
        """See ``LongReader.fetch_all``. The outer transaction detects long statements itself."""
        del is_long
        return await self._transaction.fetch_all(query, parameters)

    @asynccontextmanager
    async def transaction(self, workspace_id: str | None = None) -> AsyncGenerator[Transaction]:
        """Begin a savepoint; see ``Database.transaction``."""
        del workspace_id  # The outer transaction has already acquired the write lock.
        if not self._is_first:
            # A service may use many savepoints. Let other requests run between them.
            await asyncio.sleep(0)
        self._is_first = False
        async with self._transaction.savepoint():
            yield self._transaction

    def watch(self, listener: CommitListener) -> AbstractAsyncContextManager[None]:
        """See ``Database.watch``."""
        return self._database.watch(listener)

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
        """Do nothing, because the outer database stays open."""
