"""The SQLite file on disk: who may read it, whether it is still there, whether it is intact.

An open connection keeps working after its file was deleted or replaced. What is committed then is
in a file without a name and is lost when the connection closes. So device and inode of what was
opened are compared with those at the path before each batch of transactions, and again after its
COMMIT, before anybody is told that it succeeded (docs/decisions/0039).
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

# A file without this table is no database of ours, or an empty one.
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
    """The files of a database that is open: compares them with the path, and remembers damage.

    Args:
        path: the database file; it is open, and its ``-wal`` and ``-shm`` files exist.
        identity: of the database file, from before it was opened.
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
        """Make sure that writes go into the file that the path leads to, and that it is intact.

        Raises:
            DatabaseReplacedError: the file was deleted or replaced.
            DatabaseDamagedError: damage was found before.
        """
        if self._damage is not None:
            raise DatabaseDamagedError(self._damage.reason)
        self.report(self.find_difference())

    def find_difference(self) -> str | None:
        """Return how the files differ from those that were opened; None if they do not."""
        for path, opened in zip(self._paths, self._opened, strict=True):
            try:
                found = get_identity(path)
            except OSError as error:
                return f"{path} is in use and cannot be found any more ({error.strerror})"
            if found != opened:
                return f"{path} is in use and was replaced by another file"
        return None

    def report(self, difference: str | None) -> None:
        """Log a difference once, and its end.

        Raises:
            DatabaseReplacedError: there is a difference.
        """
        if difference is not None and not self._is_reported:
            logger.error("Writes are refused: %s.", difference)
        elif difference is None and self._is_reported:
            logger.warning("Writes are accepted again: %s is back.", self._paths[0])
        self._is_reported = difference is not None
        if difference is not None:
            raise DatabaseReplacedError

    def examine(self, error: BaseException) -> None:
        """Remember damage that an error of a statement shows.

        Raises:
            DatabaseDamagedError: in place of an error that does not say so by itself.
        """
        if isinstance(error, DatabaseDamagedError):
            self._note_damage(error)
        elif isinstance(error, sqlite3.OperationalError):
            # Another database was copied over the file; or else the statement is wrong.
            missing = _MISSING_TABLE.match(str(error))
            if missing and missing[1] in self._tables:
                damaged = DatabaseDamagedError(str(error))
                self._note_damage(damaged)
                raise damaged from error

    def _note_damage(self, error: DatabaseDamagedError) -> None:
        if self._damage is None:
            self._damage = error
            logger.error(
                "Writes are refused until a restart: %s is damaged (%s).",
                self._paths[0],
                error.reason,
            )


def get_identity(path: str) -> tuple[int, int]:
    """Return the device and the inode of a file."""
    # Not Path.stat: this runs before and after each commit, and building a Path costs more.
    status = os.stat(path)  # noqa: PTH116
    return status.st_dev, status.st_ino


def create_private_file(path: str) -> None:
    """Create a database file that only its owner may read, unless it exists.

    SQLite gives its ``-wal`` and ``-shm`` files the same mode.

    Raises:
        DatabaseUnavailableError: it cannot be created.
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
    """Return the marker beside a database file: it says that there has been a database.

    Its name does not match ``taskstead.db*``, so that deleting the database leaves the marker.
    """
    file = Path(path)
    return file.with_name(f".{file.name}.marker")


def is_lost(path: str) -> bool:
    """Return whether a database file is missing or empty although there has been a database."""
    file = Path(path)
    return get_marker_path(path).exists() and not (file.exists() and file.stat().st_size)


def check_lost(path: str, *, is_empty: bool | None = None) -> None:
    """Make sure that no empty database takes the place of one that has disappeared.

    Args:
        path: the database file.
        is_empty: whether it has no tables of ours; left out: look at the file only.

    Raises:
        DatabaseUnavailableError: there has been a database, and this is none.
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
        # A folder that cannot be written to is reported by the first write to the database.
        with contextlib.suppress(OSError, DatabaseUnavailableError):
            create_private_file(str(marker))
            marker.write_text(_MARKER_TEXT.format(name=Path(path).name), encoding="utf-8")


def list_files(path: str) -> list[Path]:
    """Return the database file and those beside it that belong to it, as far as they exist."""
    return [file for suffix in _SUFFIXES if (file := Path(path + suffix)).exists()]


def find_read_only_file(path: str) -> Path | None:
    """Return the first file of a database that this user cannot write, or that nobody may write.

    Root can write any file; the mode 0400 was set on purpose all the same.
    """
    for file in list_files(path):
        is_writable = os.access(file, os.W_OK, effective_ids=True)
        if not is_writable or not file.stat().st_mode & _ANY_WRITE:
            return file
    return None
