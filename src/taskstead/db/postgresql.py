"""The PostgreSQL engine: compiled statements on asyncpg itself, through our fixed-size pool."""

import ssl
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

import asyncpg
from sqlalchemy import Executable

from taskstead.db.database import Transaction, UniqueViolationError
from taskstead.db.pool import Connection, Pool
from taskstead.db.statements import (
    POSTGRESQL,
    CompiledStatement,
    Parameters,
    Row,
    StatementCache,
)
from taskstead.db.types import decode_json, encode_json
from taskstead.errors import DatabaseBusyError, DatabaseUnavailableError

_CONNECT_SECONDS = 5
_STATEMENT_SECONDS = 30

# Connection lost, server starting or stopping, no such host: it may be back in a moment.
_GONE = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InvalidAuthorizationSpecificationError,
    ssl.SSLError,
)
_BUSY = (
    asyncpg.LockNotAvailableError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.QueryCanceledError,
)


def _translate(error: Exception) -> Exception:
    """Return what the rest of the program knows this error as; a fault of ours stays as it is."""
    if isinstance(error, asyncpg.UniqueViolationError):
        return UniqueViolationError(str(error))
    if isinstance(error, _BUSY):
        return DatabaseBusyError()
    if isinstance(error, _GONE):
        return DatabaseUnavailableError()
    return error


async def connect(url: str) -> Connection:
    """Open a connection whose ids are text and whose JSON is Python data."""
    connection = await asyncpg.connect(
        url,
        timeout=_CONNECT_SECONDS,
        command_timeout=_STATEMENT_SECONDS,
        statement_cache_size=1000,
        max_cached_statement_lifetime=0,
        server_settings={"application_name": "taskstead", "timezone": "UTC", "jit": "off"},
    )
    await connection.set_type_codec(
        "uuid", schema="pg_catalog", encoder=str, decoder=str, format="text"
    )
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", encoder=encode_json, decoder=decode_json, format="text"
    )
    return connection


class PostgresqlTransaction:
    """A transaction on one connection, as ``database.Transaction`` describes it."""

    dialect = "postgresql"

    def __init__(self, database: "PostgresqlDatabase", connection: Connection) -> None:
        self._database = database
        self._connection = connection

    async def fetch_one(self, statement: Executable, parameters: Parameters) -> Row | None:
        """See ``Reader.fetch_one``."""
        compiled = self._database.compile(statement)
        row = await self._connection.fetchrow(compiled.sql, *compiled.bind(parameters))
        return None if row is None else dict(zip(compiled.columns, row, strict=True))

    async def fetch_all(self, statement: Executable, parameters: Parameters) -> list[Row]:
        """See ``Reader.fetch_all``."""
        compiled = self._database.compile(statement)
        rows = await self._connection.fetch(compiled.sql, *compiled.bind(parameters))
        return [dict(zip(compiled.columns, row, strict=True)) for row in rows]

    async def execute(self, statement: Executable, parameters: Parameters) -> int:
        """See ``Transaction.execute``."""
        compiled = self._database.compile(statement)
        tag = await self._connection.execute(compiled.sql, *compiled.bind(parameters))
        return int(tag.rpartition(" ")[2])

    async def execute_many(self, statement: Executable, rows: Sequence[Parameters]) -> None:
        """See ``Transaction.execute_many``; the rows travel in one go."""
        if not rows:
            return
        compiled = self._database.compile(statement)
        if len(rows) == 1:
            await self._connection.execute(compiled.sql, *compiled.bind(rows[0]))
        else:
            arguments = [compiled.bind(row) for row in rows]
            await self._connection.executemany(compiled.sql, arguments)

    async def lock(self, key: int) -> None:
        """See ``Transaction.lock``."""
        await self._connection.execute("SELECT pg_advisory_xact_lock($1)", key)


class PostgresqlDatabase:
    """A PostgreSQL database, as ``database.Database`` describes it."""

    dialect = "postgresql"

    def __init__(self, url: str, *, pool_size: int, wait_seconds: float) -> None:
        self.statement_count = 0
        self._statements = StatementCache(POSTGRESQL)
        self.pool = Pool(lambda: connect(url), size=pool_size, wait_seconds=wait_seconds)

    def compile(self, statement: Executable) -> CompiledStatement:
        """Return the compiled statement and count its use."""
        self.statement_count += 1
        return self._statements.get_compiled(statement)

    async def fetch_one(self, statement: Executable, parameters: Parameters) -> Row | None:
        """See ``Reader.fetch_one``."""
        async with self._borrow() as connection:
            return await PostgresqlTransaction(self, connection).fetch_one(statement, parameters)

    async def fetch_all(self, statement: Executable, parameters: Parameters) -> list[Row]:
        """See ``Reader.fetch_all``."""
        async with self._borrow() as connection:
            return await PostgresqlTransaction(self, connection).fetch_all(statement, parameters)

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[Transaction]:
        """See ``Database.transaction``."""
        async with self._borrow() as connection:
            await connection.execute("BEGIN")
            try:
                yield PostgresqlTransaction(self, connection)
            except Exception:
                await connection.execute("ROLLBACK")
                raise
            await connection.execute("COMMIT")

    @asynccontextmanager
    async def _borrow(self) -> AsyncGenerator[Connection]:
        """Lend a connection; whatever leaves it in an unknown state has it replaced."""
        try:
            connection = await self.pool.acquire()
        except Exception as error:
            raise _translate(error) from error
        broken = True
        try:
            yield connection
            broken = False
        except Exception as error:
            translated = _translate(error)
            broken = isinstance(translated, DatabaseUnavailableError)
            if translated is error:
                raise
            raise translated from error
        finally:
            self.pool.release(connection, broken=broken or connection.is_in_transaction())

    async def check(self) -> None:
        """See ``Database.check``."""
        async with self._borrow() as connection:
            await connection.execute("SELECT 1")

    async def close(self) -> None:
        """See ``Database.close``."""
        await self.pool.close()
