"""The file that a backup is: gzip (RFC 1952) around lines of JSON, the same from either database.

The first line is the header. Each further one is a table's name and a list of its rows, values in
the order of the header's columns, instants as RFC 3339 and bytes as base64. The last line is the
trailer, with a hash of all that comes before: a file without it is not whole.

What does not live here: which tables there are and how they are read (queries/backup.py), and what
becomes of their rows (services/backup.py).
"""

import base64
import gzip
import hashlib
import re
import zlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, BinaryIO

import msgspec

FORMAT = 1
# Two thirds of what is there is spared at the fastest level, little more at the others.
_LEVEL = 5
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}\Z")
_INCOMPLETE = "This file is damaged or not whole; nothing was changed."
_DECODERS = {
    "id": None,
    "text": None,
    "integer": None,
    "boolean": None,
    "json": None,
    "instant": datetime.fromisoformat,
    "bytes": base64.b64decode,
}
"""What makes a column's value out of JSON's, by the kind of the column."""


class BackupError(Exception):
    """A file cannot be restored; the message is a sentence that says why."""


class BackupTable(msgspec.Struct, frozen=True):
    """A table in a backup.

    Attributes:
        columns: the kind of each column, in the order of the values.
        rows: how many there are.
    """

    columns: dict[str, str]
    rows: int


class BackupHeader(msgspec.Struct, frozen=True):
    """What a backup is of.

    Attributes:
        taskstead_backup: the version of the format.
        version: of the program that made it.
        revision: the last migration that the tables had seen.
        created_at: when.
        tables: the tables by name.
    """

    taskstead_backup: int
    version: str
    revision: str
    created_at: datetime
    tables: dict[str, BackupTable]

    @property
    def rows(self) -> int:
        """The rows of all tables."""
        return sum(table.rows for table in self.tables.values())


class _Trailer(msgspec.Struct, frozen=True):
    rows: int
    sha256: str


class BackupWriter:
    """Writes a backup to a file, piece by piece."""

    def __init__(self, file: BinaryIO, header: BackupHeader) -> None:
        self._gzip = gzip.GzipFile(filename="", fileobj=file, mode="wb", compresslevel=_LEVEL)
        self._hash = hashlib.sha256()
        self._rows = 0
        self._write(header)

    def _write(self, value: Any) -> None:
        line = msgspec.json.encode(value) + b"\n"
        self._hash.update(line)
        self._gzip.write(line)

    def write(self, table: str, rows: Sequence[dict[str, Any]]) -> None:
        """Write some rows of a table."""
        self._rows += len(rows)
        self._write((table, [list(row.values()) for row in rows]))

    def finish(self) -> None:
        """Write the trailer."""
        self._write(_Trailer(self._rows, self._hash.hexdigest()))
        self._gzip.close()


def read_header(file: BinaryIO) -> BackupHeader:
    """Return what the backup is of, once its header is known to be one.

    Raises:
        BackupError: it is none, or is of a newer format.
    """
    try:
        line = next(_read_lines(file), b"")
        start = msgspec.json.decode(line)
        if not isinstance(start, dict) or not isinstance(start.get("taskstead_backup"), int):
            raise BackupError("This is not a backup that `taskstead backup` has made.")
        if start["taskstead_backup"] > FORMAT:
            raise BackupError(
                f"This backup was made by a newer version of Taskstead, {start.get('version')}. "
                "Install that one."
            )
        header = msgspec.convert(start, BackupHeader)
    except msgspec.MsgspecError:
        raise BackupError(_INCOMPLETE) from None
    for name, table in header.tables.items():
        kinds = table.columns.values()
        if not all(map(_NAME.match, (name, *table.columns))) or not _DECODERS.keys() >= set(kinds):
            raise BackupError(_INCOMPLETE)
    return header


def check_backup(file: BinaryIO) -> None:
    """Read a backup from its beginning to its end, to see that all of it is there.

    Raises:
        BackupError: it is not.
    """
    file.seek(0)
    digest = hashlib.sha256()
    last = b""
    for line in _read_lines(file):
        digest.update(last)
        last = line
    try:
        trailer = msgspec.json.decode(last, type=_Trailer)
    except msgspec.MsgspecError:
        raise BackupError(_INCOMPLETE) from None
    if trailer.sha256 != digest.hexdigest():
        raise BackupError(_INCOMPLETE)


def read_rows(file: BinaryIO, header: BackupHeader) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Give the rows of a backup that :func:`check_backup` has found whole, table by table."""
    file.seek(0)
    lines = _read_lines(file)
    next(lines)
    for line in lines:
        found = msgspec.json.decode(line)
        if isinstance(found, dict):
            return
        name, rows = found
        columns = header.tables[name].columns
        decoders = [(column, _DECODERS[kind]) for column, kind in columns.items()]
        yield (
            name,
            [
                {
                    column: value if decode is None or value is None else decode(value)
                    for (column, decode), value in zip(decoders, row, strict=True)
                }
                for row in rows
            ],
        )


def _read_lines(file: BinaryIO) -> Iterator[bytes]:
    file.seek(0)
    try:
        with gzip.GzipFile(fileobj=file, mode="rb") as unzipped:
            yield from unzipped
    except gzip.BadGzipFile as error:
        raise BackupError(
            f"This file is damaged, or not a backup ({error}); nothing was changed."
        ) from None
    except (EOFError, zlib.error):
        raise BackupError(_INCOMPLETE) from None
