"""Connections to PostgreSQL: how one is opened, and what its errors mean to the rest."""

import ssl
from functools import partial
from typing import Any, NoReturn
from weakref import WeakSet

import asyncpg

from taskstead.db.database import TransactionFailedError, UniqueViolationError
from taskstead.db.pool import Connection
from taskstead.db.types import decode_json, encode_json
from taskstead.errors import (
    DatabaseBusyError,
    DatabaseFullError,
    DatabaseUnavailableError,
    ReferenceGoneError,
)

_CONNECT_SECONDS = 5
# Of each connection, and each costs the server tens of kilobytes; twice what the code has itself.
_KEPT_STATEMENTS = 400
# The server breaks off what takes longer; the client waits on for a server that is gone.
_STATEMENT_SECONDS = 30
_ANSWER_SECONDS = 35
# What a body awaits is its own SQL: only a process that hangs leaves a transaction idle that long.
_IDLE_SECONDS = 60
# Where PostgreSQL warns that it has cancelled the wait for a synchronous standby (syncrep.c).
_STANDBY_WAIT = "SyncRepWaitForLSN"

# Connection lost, server starting or stopping, no such host: it may be back in a moment.
GONE_ERRORS = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.PostgresIOError,
    asyncpg.InsufficientResourcesError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InvalidAuthorizationSpecificationError,
    ssl.SSLError,
)
BUSY_ERRORS = (
    asyncpg.LockNotAvailableError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.QueryCanceledError,
    # Somebody has migrated the tables meanwhile; the next try prepares the statement anew.
    asyncpg.InvalidCachedStatementError,
    asyncpg.OutdatedSchemaCacheError,
)


def raise_postgresql_error(error: Exception) -> NoReturn:
    """Raise what the rest of the program knows this error as; a fault of ours stays as it is."""
    if isinstance(error, asyncpg.UniqueViolationError):
        raise UniqueViolationError(str(error)) from error
    if isinstance(error, asyncpg.ForeignKeyViolationError):
        raise ReferenceGoneError from error
    if isinstance(error, asyncpg.InFailedSQLTransactionError):
        raise TransactionFailedError(str(error)) from error
    if isinstance(error, BUSY_ERRORS):
        raise DatabaseBusyError from error
    if isinstance(error, asyncpg.DiskFullError):
        raise DatabaseFullError from error
    if isinstance(error, GONE_ERRORS):
        raise DatabaseUnavailableError from error
    raise error


class Connector:
    """Opens connections to one database.

    Args:
        url: of the database.
        lock_seconds: the longest wait for a lock, be it of a row or an advisory one.

    Attributes:
        unconfirmed: connections on which the wait for a synchronous standby was cancelled. Their
            last transaction is committed, and may not have reached the standby.
    """

    def __init__(self, url: str, *, lock_seconds: float) -> None:
        self.unconfirmed: WeakSet[Connection] = WeakSet()
        self._url = url
        milliseconds = {
            "statement_timeout": _STATEMENT_SECONDS * 1000,
            "lock_timeout": max(1, round(lock_seconds * 1000)),
            "idle_in_transaction_session_timeout": _IDLE_SECONDS * 1000,
        }
        self._settings = {
            "application_name": "taskstead",
            "timezone": "UTC",
            "jit": "off",
            **{name: str(value) for name, value in milliseconds.items()},
        }

    async def connect(self) -> Connection:
        """Open a connection whose ids are text and whose JSON is Python data."""
        connection = await asyncpg.connect(
            self._url,
            timeout=_CONNECT_SECONDS,
            command_timeout=_ANSWER_SECONDS,
            statement_cache_size=_KEPT_STATEMENTS,
            max_cached_statement_lifetime=0,
            server_settings=self._settings,
        )
        try:
            await set_codecs(connection)
            connection.add_log_listener(self._hear)
        except BaseException:
            connection.terminate()
            raise
        return connection

    def _hear(self, connection: Any, message: Any) -> None:
        # The text may be in any language; the name of the function in the server is always this.
        if message.server_source_function == _STANDBY_WAIT:
            self.unconfirmed.add(connection)


async def set_codecs(connection: Connection) -> None:
    """Have a connection give and take ids as text and JSON as Python data."""
    set_codec = partial(connection.set_type_codec, schema="pg_catalog", format="text")
    await set_codec("uuid", encoder=str, decoder=str)
    await set_codec("jsonb", encoder=encode_json, decoder=decode_json)
