"""SQLite connections: opening with the required settings, and error translation."""

import asyncio
import sqlite3
import time
from collections.abc import Callable
from typing import NoReturn, TypeVar

from taskstead.db.database import UniqueViolationError
from taskstead.db.sqlite.file import create_private_file
from taskstead.errors import (
    DatabaseBusyError,
    DatabaseDamagedError,
    DatabaseFullError,
    DatabaseUnavailableError,
    ReferenceGoneError,
)

_OPEN_SECONDS = 5
_FIRST_SLEEP_SECONDS = 0.001
# Maximum pause between attempts to get a lock. It is short, because an attempt takes microseconds
# and another busy process may release the lock only briefly.
_MAX_SLEEP_SECONDS = 0.005
_UNIQUE_CODES = {sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY}
_DAMAGE_CODES = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_PRIMARY_CODE_MASK = 0xFF
# Begin of the message of an error that Python's sqlite3 raises without an error code. The rest of
# the message is the text that could not be decoded.
_NOT_UTF8 = "Could not decode to UTF-8"

Result = TypeVar("Result")


def connect_sqlite(path: str) -> sqlite3.Connection:
    """Open a connection in autocommit mode with full durability and foreign keys.

    Raises:
        DatabaseDamagedError: the file is not an SQLite database.
        DatabaseUnavailableError: the file cannot be opened.
    """
    create_private_file(path)
    try:
        connection = sqlite3.connect(
            path, isolation_level=None, check_same_thread=False, cached_statements=512
        )
        _switch_to_wal(connection)
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA cache_size = -65536")
        connection.execute("PRAGMA busy_timeout = 0")
        # Otherwise each transaction would write the rollback data of its savepoint to a temporary
        # file.
        connection.execute("PRAGMA temp_store = MEMORY")
    except sqlite3.Error as error:
        if damage := find_damage(error):
            raise DatabaseDamagedError(damage) from error
        raise DatabaseUnavailableError(
            f"The database file {path} cannot be opened: {error}."
        ) from error
    return connection


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    """Switch a new file to WAL mode.

    If several processes do this at the same time, SQLite may return a busy error to all of them
    immediately, regardless of the busy timeout. Therefore the switch is retried.
    """
    connection.execute("PRAGMA busy_timeout = 1000")
    deadline = time.monotonic() + _OPEN_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.Error as error:
            if not is_busy(error) or time.monotonic() > deadline:
                raise
        else:
            return
        time.sleep(_MAX_SLEEP_SECONDS)


def is_busy(error: sqlite3.Error) -> bool:
    """Return whether another process holds a lock, so that a retry may succeed."""
    code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY_CODE_MASK
    return code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def find_damage(error: BaseException | None) -> str | None:
    """Return a description of the damage to the file that an error indicates, or None."""
    if not isinstance(error, sqlite3.Error):
        return None
    code = getattr(error, "sqlite_errorcode", 0)
    if code & _PRIMARY_CODE_MASK in _DAMAGE_CODES:
        return str(error)
    if not code and str(error).startswith(_NOT_UTF8):
        return "a text is not UTF-8"
    return None


def translate_error(error: sqlite3.Error) -> Exception:
    """Translate an SQLite error to an error of the application.

    Errors that bugs of the application cause are returned unchanged.
    """
    code = getattr(error, "sqlite_errorcode", 0)
    if code in _UNIQUE_CODES:
        return UniqueViolationError(str(error))
    if code == sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
        return ReferenceGoneError()
    if is_busy(error):
        return DatabaseBusyError()
    if code == sqlite3.SQLITE_FULL:
        return DatabaseFullError()
    if damage := find_damage(error):
        return DatabaseDamagedError(damage)
    is_bug = not isinstance(error, sqlite3.OperationalError) or code == sqlite3.SQLITE_ERROR
    return (
        error
        if is_bug
        else DatabaseUnavailableError(f"The database cannot run the statement: {error}.")
    )


def raise_translated(error: sqlite3.Error) -> NoReturn:
    """Raise the error of the application for an SQLite error."""
    translated = translate_error(error)
    if translated is error:
        raise error
    raise translated from error


async def retry_while_locked(call: Callable[[], Result], wait_seconds: float) -> Result:
    """Call a function, and retry while another process holds a lock; return its result.

    Raises:
        DatabaseBusyError: the lock was not released within ``wait_seconds``.
    """
    now = asyncio.get_running_loop().time
    deadline = now() + wait_seconds
    sleep = _FIRST_SLEEP_SECONDS
    while True:
        try:
            return call()
        except sqlite3.Error as error:
            if not is_busy(error) or now() + sleep > deadline:
                raise_translated(error)
        await asyncio.sleep(sleep)
        sleep = min(2 * sleep, _MAX_SLEEP_SECONDS)
