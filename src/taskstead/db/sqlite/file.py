"""The SQLite file on disk: permissions, and detection of deleted, replaced or damaged files.

An open connection continues to work after its file was deleted or replaced. Its commits then go to
a file without a name and are lost when the connection is closed. Therefore the device and inode of
the open file are compared with those of the path, before each batch of transactions and again after
its COMMIT. Clients get the result only after the second comparison (docs/decisions/0039).

A marker file beside the database records that a database exists. It prevents the server from
starting with an empty database if the file has disappeared.
"""

import contextlib
import logging
import os
import re
import sqlite3
import stat
from pathlib import Path

from taskstead.errors import (
    DatabaseDamagedError,
    DatabaseReplacedError,
    DatabaseUnavailableError,
)

# A database without this table is empty or does not belong to Taskstead.
VERSION_TABLE = "alembic_version"
_SUFFIXES = ("", "-wal", "-shm")
_ANY_WRITE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH
_MISSING_TABLE = re.compile(r"no such table: (?:main\.)?(\w+)")
_MARKER_TEXT = """\
The database file "{name}" belongs in this folder. While this marker is here, Taskstead refuses to
start with a new, empty database in its place. Delete the marker to begin with an empty one.
"""

logger = logging.getLogger("taskstead.database")


class SqliteFile:
    """The files of an open database: compares them with the files at the path and records damage.

    Args:
        path: the path of the database file. The database is open, so its ``-wal`` and ``-shm``
            files exist.
        identity: the device and inode of the file, read before it was opened.
        tables: the names of its tables.

    Raises:
        DatabaseReplacedError: the file was replaced while it was being opened.
    """

    def __init__(self, path: str, identity: tuple[int, int], tables: set[str]) -> None:
        self._paths = [path + suffix for suffix in _SUFFIXES]
        self._tables = tables
        self._damage: DatabaseDamagedError | None = None
        self._is_reported = False
        self._opened = [identity, *(get_identity(path) for path in self._paths[1:])]
        self.check()

    def check(self) -> None:
        """Check that the open file is the file at the path, and that no damage is known.

        Raises:
            DatabaseReplacedError: the file was deleted or replaced.
            DatabaseDamagedError: an earlier error has indicated damage.
        """
        if self._damage is not None:
            raise DatabaseDamagedError(self._damage.reason)
        self.report(self.find_difference())

    def find_difference(self) -> str | None:
        """Compare the files at the path with the opened files.

        Returns:
            A description of the difference; None if they are the same files.
        """
        for path, opened in zip(self._paths, self._opened, strict=True):
            try:
                found = get_identity(path)
            except OSError as error:
                return f"{path} is in use and cannot be found any more ({error.strerror})"
            if found != opened:
                return f"{path} is in use and was replaced by another file"
        return None

    def report(self, difference: str | None) -> None:
        """Log the beginning and the end of a difference, once each.

        Raises:
            DatabaseReplacedError: there is a difference.
        """
        if difference is not None and not self._is_reported:
            logger.error("Writes are rejected: %s.", difference)
        elif difference is None and self._is_reported:
            logger.warning("Writes are accepted again: %s is back.", self._paths[0])
        self._is_reported = difference is not None
        if difference is not None:
            raise DatabaseReplacedError

    def examine(self, error: BaseException) -> None:
        """Record the damage that the error of a statement indicates.

        Raises:
            DatabaseDamagedError: the error indicates damage, but is not a DatabaseDamagedError
                itself.
        """
        if isinstance(error, DatabaseDamagedError):
            self._note_damage(error)
        elif isinstance(error, sqlite3.OperationalError):
            # If the table existed before, another database was copied over the file.
            missing = _MISSING_TABLE.match(str(error))
            if missing and missing[1] in self._tables:
                damaged = DatabaseDamagedError(str(error))
                self._note_damage(damaged)
                raise damaged from error

    def _note_damage(self, error: DatabaseDamagedError) -> None:
        if self._damage is None:
            self._damage = error
            logger.error(
                "Writes are rejected until a restart: %s is damaged (%s).",
                self._paths[0],
                error.reason,
            )


def get_identity(path: str) -> tuple[int, int]:
    """Return the device and inode of a file."""
    # os.stat, because this runs before and after each commit and creating a Path takes longer.
    status = os.stat(path)  # noqa: PTH116
    return status.st_dev, status.st_ino


def create_private_file(path: str) -> None:
    """Create a database file that only its owner can access. Do nothing if the file exists.

    SQLite creates its ``-wal`` and ``-shm`` files with the same mode.

    Raises:
        DatabaseUnavailableError: the file cannot be created.
    """
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        pass
    except OSError as error:
        raise DatabaseUnavailableError(
            f"The database file {path} cannot be opened: {error.strerror}."
        ) from error


def get_marker_path(path: str) -> Path:
    """Return the path of the marker file, which records that there has been a database.

    Its name does not match ``taskstead.db*``, so that ``rm taskstead.db*`` does not delete it.
    """
    file = Path(path)
    return file.with_name(f".{file.name}.marker")


def is_lost(path: str) -> bool:
    """Return whether a database file is missing or empty although there has been a database."""
    file = Path(path)
    return get_marker_path(path).exists() and not (file.exists() and file.stat().st_size)


def check_lost(path: str, *, is_empty: bool | None = None) -> None:
    """Check that the database file is not missing or empty although there has been a database.

    Args:
        path: the path of the database file.
        is_empty: whether the database has no tables of Taskstead. By default, only the size of the
            file is checked.

    Raises:
        DatabaseUnavailableError: there has been a database, but the file is missing or empty.
    """
    if is_lost(path) if is_empty is None else is_empty and get_marker_path(path).exists():
        file = Path(path).absolute()
        raise DatabaseUnavailableError(
            f"The database file {file} is missing or empty, but there has been a database. Put it "
            "back, or restore a backup with `taskstead restore`. To start with an empty database "
            f"instead, delete {get_marker_path(str(file))}."
        )


def write_marker(path: str) -> None:
    """Write the marker beside a migrated database."""
    marker = get_marker_path(path)
    if not marker.exists():
        # Ignore a folder that is not writable, because the first write to the database reports it.
        with contextlib.suppress(OSError, DatabaseUnavailableError):
            create_private_file(str(marker))
            marker.write_text(_MARKER_TEXT.format(name=Path(path).name), encoding="utf-8")


def list_files(path: str) -> list[Path]:
    """Return the existing files of a database, including ``-wal`` and ``-shm``."""
    return [file for suffix in _SUFFIXES if (file := Path(path + suffix)).exists()]


def find_read_only_file(path: str) -> Path | None:
    """Return the first file of a database that is read-only for this user; None if there is none.

    A file whose mode does not allow any user to write counts as read-only for root too. Root could
    write it, but the mode was set on purpose.
    """
    for file in list_files(path):
        is_writable = os.access(file, os.W_OK, effective_ids=True)
        if not is_writable or not file.stat().st_mode & _ANY_WRITE:
            return file
    return None
