"""Connections to PostgreSQL: how one is opened, and what its errors mean to the rest."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, NoReturn, TypeAlias
from weakref import WeakSet

import asyncpg
from asyncpg.connect_utils import SessionAttribute

from taskstead.db.database import TransactionFailedError, UniqueViolationError
from taskstead.db.pool import Connection
from taskstead.db.postgresql_hosts import Host, split_hosts
from taskstead.db.types import decode_json, encode_json
from taskstead.errors import (
    DatabaseBusyError,
    DatabaseFullError,
    DatabaseUnavailableError,
    ReferenceGoneError,
)

_HOST_SECONDS = 5.0
# Of each connection, and each costs the server tens of kilobytes; twice what the code has itself.
_KEPT_STATEMENTS = 400
# The server breaks off what takes longer; the client waits on for a server that is gone.
_STATEMENT_SECONDS = 30
_ANSWER_SECONDS = 35
# What a body awaits is its own SQL: only a process that hangs leaves a transaction idle that long.
_IDLE_SECONDS = 60
_SET = "SELECT set_config(name, value, false) FROM unnest($1::text[], $2::text[]) AS s(name, value)"
_NO_RIGHT = "The server lacks a right in its database; the administrator has to grant it."
# Where PostgreSQL warns that it has cancelled the wait for a synchronous standby (syncrep.c).
_STANDBY_WAIT = "SyncRepWaitForLSN"

_Prepare = Callable[[Connection], Awaitable[None]]
_Kinds: TypeAlias = type[Exception] | tuple[type[Exception], ...]

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
    asyncpg.InsufficientResourcesError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InvalidAuthorizationSpecificationError,
    # A right was taken from the role; a page or a file of the database is damaged or missing.
    asyncpg.InsufficientPrivilegeError,
    asyncpg.PostgresSystemError,
    asyncpg.DataCorruptedError,
    asyncpg.IndexCorruptedError,
    # A pooler gives each transaction another connection, on which the statement is not prepared.
    asyncpg.InvalidSQLStatementNameError,
    asyncpg.DuplicatePreparedStatementError,
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


# The first that fits counts.
_TRANSLATIONS: tuple[tuple[_Kinds, Callable[[Exception], Exception]], ...] = (
    (asyncpg.UniqueViolationError, lambda error: UniqueViolationError(str(error))),
    (asyncpg.ForeignKeyViolationError, lambda _: ReferenceGoneError()),
    (asyncpg.InFailedSQLTransactionError, lambda error: TransactionFailedError(str(error))),
    (BUSY_ERRORS, lambda _: DatabaseBusyError()),
    (asyncpg.DiskFullError, lambda _: DatabaseFullError()),
    (asyncpg.InsufficientPrivilegeError, lambda _: DatabaseUnavailableError(_NO_RIGHT)),
    (GONE_ERRORS, lambda _: DatabaseUnavailableError()),
)


def translate_postgresql_error(error: Exception) -> Exception:
    """Return what the rest of the program knows this error as; a fault of ours stays as it is."""
    for kinds, translate in _TRANSLATIONS:
        if isinstance(error, kinds):
            known = translate(error)
            known.__cause__ = error
            return known
    return error


def raise_postgresql_error(error: Exception) -> NoReturn:
    """Raise what the rest of the program knows this error as."""
    raise translate_postgresql_error(error)


async def connect_postgresql(url: str, *, lock_seconds: float) -> Connection:
    """Open a single connection; see :class:`Connector`."""
    return await Connector(url, lock_seconds=lock_seconds).connect()


class Connector:
    """Opens connections to one database.

    Of a URL with several hosts, each is tried in turn, within a time of its own. The host that has
    answered last is tried first, so that a host that is gone costs one connection its time only.

    Args:
        url: of the database.
        lock_seconds: the longest wait for a lock, be it of a row or an advisory one.
        host_seconds: how long a host may take to answer.

    Attributes:
        unconfirmed: connections on which the wait for a synchronous standby was cancelled. Their
            last transaction is committed, and may not have reached the standby.
    """

    def __init__(
        self, url: str, *, lock_seconds: float, host_seconds: float = _HOST_SECONDS
    ) -> None:
        self.unconfirmed: WeakSet[Connection] = WeakSet()
        self._hosts = split_hosts(url)
        self._prefers_standby = "target_session_attrs=prefer-standby" in url
        self._host_seconds = host_seconds
        limits = {
            "statement_timeout": _STATEMENT_SECONDS * 1000,
            "lock_timeout": max(1, round(lock_seconds * 1000)),
            "idle_in_transaction_session_timeout": _IDLE_SECONDS * 1000,
        }
        self._settings = {
            "timezone": "UTC",
            "jit": "off",
            **{name: str(value) for name, value in limits.items()},
        }

    async def connect(self) -> Connection:
        """Open a connection whose ids are text and whose JSON is Python data.

        Raises:
            DatabaseUnavailableError: no host gave a connection.
        """
        return await self._find_connection(self._prepare)

    async def connect_plainly(self) -> Connection:
        """Open a connection as it comes, without time limits.

        Raises:
            DatabaseUnavailableError: no host gave a connection.
        """
        return await self._find_connection(None)

    async def _find_connection(self, prepare: _Prepare | None) -> Connection:
        if self._prefers_standby and len(self._hosts) > 1:
            try:
                return await self._try_hosts(prepare, SessionAttribute.standby)
            except DatabaseUnavailableError:
                return await self._try_hosts(prepare, SessionAttribute.any)
        return await self._try_hosts(prepare, None)

    async def _try_hosts(
        self, prepare: _Prepare | None, role: SessionAttribute | None
    ) -> Connection:
        """Return a connection to the first host that gives one.

        Args:
            prepare: is called with the connection, within the time of the host.
            role: what the host has to be; None for what the URL says.
        """
        failures: list[tuple[Host, Exception]] = []
        for host in list(self._hosts):
            try:
                connection = await self._connect_to(host, prepare, role)
            except (*GONE_ERRORS, asyncpg.PostgresError) as error:
                failures.append((host, error))
            else:
                if failures:
                    self._hosts.remove(host)
                    self._hosts.insert(0, host)
                return connection
        raise DatabaseUnavailableError from _sum_up(failures)

    async def _connect_to(
        self, host: Host, prepare: _Prepare | None, role: SessionAttribute | None
    ) -> Connection:
        try:
            async with asyncio.timeout(self._host_seconds):
                connection: Connection = await asyncpg.connect(
                    host.url,
                    command_timeout=None if prepare is None else _ANSWER_SECONDS,
                    statement_cache_size=_KEPT_STATEMENTS,
                    max_cached_statement_lifetime=0,
                    server_settings={"application_name": "taskstead"},
                    target_session_attrs=role,
                )
                if prepare is not None:
                    await _call_or_close(prepare, connection)
        except TimeoutError as error:
            raise TimeoutError(f"no answer within {self._host_seconds:g} seconds") from error
        return connection

    async def _prepare(self, connection: Connection) -> None:
        # Set here and not at the connection's start-up: poolers pass on few parameters of that.
        names, values = list(self._settings), list(self._settings.values())
        await connection.fetch(_SET, names, values)
        await set_codecs(connection)
        connection.add_log_listener(self._hear)

    def _hear(self, connection: Any, message: Any) -> None:
        # The text may be in any language; the name of the function in the server is always this.
        if message.server_source_function == _STANDBY_WAIT:
            self.unconfirmed.add(connection)


async def _call_or_close(prepare: _Prepare, connection: Connection) -> None:
    try:
        await prepare(connection)
    except BaseException:
        connection.terminate()
        raise


def _sum_up(failures: Sequence[tuple[Host, Exception]]) -> Exception:
    """Return one error that says what went wrong with each host."""
    if len(failures) == 1:
        return failures[0][1]
    return ConnectionError("; ".join(f"{host.name}: {error}" for host, error in failures))


async def set_codecs(connection: Connection) -> None:
    """Have a connection give and take ids as text and JSON as Python data."""
    set_codec = partial(connection.set_type_codec, schema="pg_catalog", format="text")
    await set_codec("uuid", encoder=str, decoder=str)
    await set_codec("jsonb", encoder=encode_json, decoder=decode_json)
