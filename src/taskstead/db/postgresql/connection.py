"""PostgreSQL connections: opening with failover, session settings and error translation."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, NoReturn, TypeAlias
from weakref import WeakSet

import asyncpg
from asyncpg.connect_utils import SessionAttribute

from taskstead.db.database import TransactionFailedError, UniqueViolationError
from taskstead.db.postgresql.hosts import Host, split_hosts
from taskstead.db.postgresql.pool import Connection
from taskstead.db.sql.types import decode_json, encode_json
from taskstead.errors import (
    DatabaseBusyError,
    DatabaseFullError,
    DatabaseUnavailableError,
    ReferenceGoneError,
)

# Timeout for one host to accept a connection.
_HOST_SECONDS = 5.0
# Maximum number of prepared statements per connection: twice as many as the code has. Each of them
# takes tens of kilobytes of the server's memory.
_CACHED_STATEMENTS = 400
# A longer statement is prepared again each time. Only lists with long filters have such statements,
# which take up to half a megabyte of the server's memory.
_MAX_CACHED_STATEMENT_BYTES = 6144
# The server cancels longer statements. The client's longer timeout detects an unreachable server.
_STATEMENT_SECONDS = 30
_RESPONSE_SECONDS = 35
# A transaction awaits only its own SQL, so it is idle for this long only if its process hangs.
_IDLE_SECONDS = 60
_SET = "SELECT set_config(name, value, false) FROM unnest($1::text[], $2::text[]) AS s(name, value)"
_NO_PRIVILEGE = "The server lacks a privilege in its database. The administrator has to grant it."
# The function of PostgreSQL (syncrep.c) that issues a warning when the wait for a synchronous
# standby is cancelled.
_STANDBY_WAIT = "SyncRepWaitForLSN"

_Prepare = Callable[[Connection], Awaitable[None]]
_Kinds: TypeAlias = type[Exception] | tuple[type[Exception], ...]

# The server is unreachable, starting, stopping or misconfigured. A later attempt may succeed.
UNAVAILABLE_ERRORS = (
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
    # The role lacks a privilege, or a page or file of the database is damaged or missing.
    asyncpg.InsufficientPrivilegeError,
    asyncpg.PostgresSystemError,
    asyncpg.DataCorruptedError,
    asyncpg.IndexCorruptedError,
    # A pooler in transaction mode may use a server connection on which the statement is not
    # prepared.
    asyncpg.InvalidSQLStatementNameError,
    asyncpg.DuplicatePreparedStatementError,
    ssl.SSLError,
)
BUSY_ERRORS = (
    asyncpg.LockNotAvailableError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.QueryCanceledError,
    # A migration changed the tables. The next attempt prepares the statement again.
    asyncpg.InvalidCachedStatementError,
    asyncpg.OutdatedSchemaCacheError,
)


# The first match applies.
_TRANSLATIONS: tuple[tuple[_Kinds, Callable[[Exception], Exception]], ...] = (
    (asyncpg.UniqueViolationError, lambda error: UniqueViolationError(str(error))),
    (asyncpg.ForeignKeyViolationError, lambda _: ReferenceGoneError()),
    (asyncpg.InFailedSQLTransactionError, lambda error: TransactionFailedError(str(error))),
    (BUSY_ERRORS, lambda _: DatabaseBusyError()),
    (asyncpg.DiskFullError, lambda _: DatabaseFullError()),
    (asyncpg.InsufficientPrivilegeError, lambda _: DatabaseUnavailableError(_NO_PRIVILEGE)),
    (UNAVAILABLE_ERRORS, lambda _: DatabaseUnavailableError()),
)


def translate_postgresql_error(error: Exception) -> Exception:
    """Translate a driver error to an error of the application. Return other errors unchanged."""
    for kinds, translate in _TRANSLATIONS:
        if isinstance(error, kinds):
            translated = translate(error)
            translated.__cause__ = error
            return translated
    return error


def raise_postgresql_error(error: Exception) -> NoReturn:
    """Raise the error of the application for a driver error."""
    raise translate_postgresql_error(error)


async def connect_postgresql(url: str, *, lock_seconds: float) -> Connection:
    """Open a single connection; see :class:`Connector`."""
    return await Connector(url, lock_seconds=lock_seconds).connect()


class Connector:
    """Opens connections to one database.

    If the URL has several hosts, they are tried one after the other, each with its own timeout. The
    host that accepted the previous connection is tried first. Therefore an unreachable host delays
    only one connection.

    Args:
        url: the database URL.
        lock_seconds: timeout for row locks and advisory locks.
        host_seconds: timeout for a host to accept a connection.

    Attributes:
        unconfirmed: connections on which the wait for a synchronous standby was cancelled. Their
            last transaction is committed but may not have reached the standby.
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
        """Open a connection with the session settings and type codecs of the application.

        Raises:
            DatabaseUnavailableError: no host accepted a connection.
        """
        return await self._find_connection(self._prepare)

    async def connect_plainly(self) -> Connection:
        """Open a connection without session settings, codecs or time limits.

        Raises:
            DatabaseUnavailableError: no host accepted a connection.
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
        """Return a connection to the first host that accepts one.

        Args:
            prepare: called with the new connection, within the host's timeout.
            role: the required role of the host, such as standby. None means the role in the URL.
        """
        failures: list[tuple[Host, Exception]] = []
        for host in list(self._hosts):
            try:
                connection = await self._connect_to(host, prepare, role)
            except (*UNAVAILABLE_ERRORS, asyncpg.PostgresError) as error:
                failures.append((host, error))
            else:
                if failures:
                    self._hosts.remove(host)
                    self._hosts.insert(0, host)
                return connection
        raise DatabaseUnavailableError from _combine_errors(failures)

    async def _connect_to(
        self, host: Host, prepare: _Prepare | None, role: SessionAttribute | None
    ) -> Connection:
        try:
            async with asyncio.timeout(self._host_seconds):
                connection: Connection = await asyncpg.connect(
                    host.url,
                    command_timeout=None if prepare is None else _RESPONSE_SECONDS,
                    statement_cache_size=_CACHED_STATEMENTS,
                    max_cacheable_statement_size=_MAX_CACHED_STATEMENT_BYTES,
                    max_cached_statement_lifetime=0,
                    server_settings={"application_name": "taskstead"},
                    target_session_attrs=role,
                )
                if prepare is not None:
                    await _call_or_close(prepare, connection)
        except TimeoutError as error:
            raise TimeoutError(f"no response within {self._host_seconds:g} seconds") from error
        return connection

    async def _prepare(self, connection: Connection) -> None:
        # The settings are not sent as startup parameters, because connection poolers accept only
        # some of these.
        names, values = list(self._settings), list(self._settings.values())
        await connection.fetch(_SET, names, values)
        await set_codecs(connection)
        connection.add_log_listener(self._on_log_message)

    def _on_log_message(self, connection: Any, message: Any) -> None:
        # Compare the name of the server function, because the message may be in any language.
        if message.server_source_function == _STANDBY_WAIT:
            self.unconfirmed.add(connection)


async def _call_or_close(prepare: _Prepare, connection: Connection) -> None:
    try:
        await prepare(connection)
    except BaseException:
        connection.terminate()
        raise


def _combine_errors(failures: Sequence[tuple[Host, Exception]]) -> Exception:
    """Return one error whose message contains the errors of all hosts."""
    if len(failures) == 1:
        return failures[0][1]
    return ConnectionError("; ".join(f"{host.name}: {error}" for host, error in failures))


async def set_codecs(connection: Connection) -> None:
    """Set the type codecs of a connection: UUIDs as text, and JSON as Python objects."""
    set_codec = partial(connection.set_type_codec, schema="pg_catalog", format="text")
    await set_codec("uuid", encoder=str, decoder=str)
    await set_codec("jsonb", encoder=encode_json, decoder=decode_json)
