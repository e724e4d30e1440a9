"""Opens SQLite connections with the required settings, and translates SQLite errors."""

import asyncio
import sqlite3
import time
from collections.abc import Callable
from typing import NoReturn, TypeVar

from taskstead.db.database import UniqueViolationError
from taskstead.db.sqlite_file import create_private_file
from taskstead.errors import (
    DatabaseBusyError,
    DatabaseDamagedError,
    DatabaseFullError,
    DatabaseUnavailableError,
    ReferenceGoneError,
)

_OPEN_SECONDS = 5
_FIRST_SLEEP_SECONDS = 0.001
# Short: a try takes microseconds, and a busy process leaves the file free for no longer.
_LONGEST_SLEEP_SECONDS = 0.005
_UNIQUE_CODES = {sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY}
_DAMAGE_CODES = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_PRIMARY_CODE_MASK = 0xFF
# Raised by Python's sqlite3, without a code and with the text that it could not decode.
_NOT_UTF8 = "Could not decode to UTF-8"

Result = TypeVar("Result")


def connect_sqlite(path: str) -> sqlite3.Connection:
    """Open a connection in autocommit mode with the durability and the checks that we rely on.

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
        # What a savepoint keeps to roll back to otherwise spills into a file with each transaction.
        connection.execute("PRAGMA temp_store = MEMORY")
    except sqlite3.Error as error:
        if damage := find_damage(error):
            raise DatabaseDamagedError(damage) from error
        raise DatabaseUnavailableError(
            f"The database file {path} cannot be opened: {error}."
        ) from error
    return connection


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    """Switch a new file to WAL, which has to wait for other processes that do the same.

    Two of them can stand in each other's way, so that SQLite sends both back at once in spite of
    its own waiting: then the first to try again succeeds.
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
        time.sleep(_LONGEST_SLEEP_SECONDS)


def is_busy(error: sqlite3.Error) -> bool:
    """Tell whether another process is in the way, so that a later try may succeed."""
    code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY_CODE_MASK
    return code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def find_damage(error: BaseException | None) -> str | None:
    """Return what an error says about damage to the file; None if it says nothing about it."""
    if not isinstance(error, sqlite3.Error):
        return None
    code = getattr(error, "sqlite_errorcode", 0)
    if code & _PRIMARY_CODE_MASK in _DAMAGE_CODES:
        return str(error)
    if not code and str(error).startswith(_NOT_UTF8):
        return "a text is not UTF-8"
    return None


def translate_error(error: sqlite3.Error) -> Exception:
    """Return what the rest of the program knows this error as; a fault of ours stays as it is."""
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
    is_fault_of_ours = (
        not isinstance(error, sqlite3.OperationalError) or code == sqlite3.SQLITE_ERROR
    )
    return (
        error
        if is_fault_of_ours
        else DatabaseUnavailableError(f"The database cannot do this now: {error}.")
    )


def raise_translated(error: sqlite3.Error) -> NoReturn:
    """Raise what the rest of the program knows this error as."""
    translated = translate_error(error)
    if translated is error:
        raise error
    raise translated from error


async def retry_while_locked(act: Callable[[], Result], wait_seconds: float) -> Result:
    """Do what another process may keep from being done, again and again for a bounded time.

    Raises:
        DatabaseBusyError: it could not be done within that time.
    """
    now = asyncio.get_running_loop().time
    deadline = now() + wait_seconds
    sleep = _FIRST_SLEEP_SECONDS
    while True:
        try:
            return act()
        except sqlite3.Error as error:
            if not is_busy(error) or now() + sleep > deadline:
                raise_translated(error)
        await asyncio.sleep(sleep)
        sleep = min(2 * sleep, _LONGEST_SLEEP_SECONDS)
