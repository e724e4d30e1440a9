"""The backup file format: JSON lines compressed with gzip (RFC 1952).

The format is the same for SQLite and PostgreSQL.

The first line is the header. Each following line contains a table name and a list of rows. Values
are in the order of the columns in the header, with times as RFC 3339 and bytes as base64. The last
line is the trailer with a hash of all previous lines. A file without it is incomplete.

``queries/transfer/backup.py`` lists and reads the tables, and ``services/transfer/backup.py``
restores the rows.
"""

import base64
import gzip
import hashlib
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, BinaryIO

import msgspec

FORMAT = 1
# The gzip level. The fastest level already saves two thirds of the size. Levels above this one save
# little more.
_LEVEL = 5
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}\Z")
_INCOMPLETE = "The file is damaged or incomplete. Nothing was changed."
_DECODERS = {
    "id": None,
    "text": None,
    "integer": None,
    "boolean": None,
    "json": None,
    "instant": datetime.fromisoformat,
    "bytes": base64.b64decode,
}
"""By kind of column, the function that converts a JSON value; None if no conversion is needed."""


class BackupError(Exception):
    """A file cannot be restored. The message states the reason."""


class BackupTable(msgspec.Struct, frozen=True):
    """A table in a backup.

    Attributes:
        columns: the kind of each column, in the order of the values.
        rows: the number of rows.
    """

    columns: dict[str, str]
    rows: int


class BackupHeader(msgspec.Struct, frozen=True):
    """The header of a backup.

    Attributes:
        taskstead_backup: the format version.
        version: the version of Taskstead that created the backup.
        revision: the migration revision of the database.
        created_at: the time of the backup.
        tables: the tables by name.
    """

    taskstead_backup: int
    version: str
    revision: str
    created_at: datetime
    tables: dict[str, BackupTable]

    @property
    def rows(self) -> int:
        """The total number of rows."""
        return sum(table.rows for table in self.tables.values())


class _Trailer(msgspec.Struct, frozen=True):
    rows: int
    sha256: str


class BackupWriter:
    """Writes the header, the rows and the trailer of a backup to a file."""

    def __init__(self, file: BinaryIO, header: BackupHeader) -> None:
        self._gzip = gzip.GzipFile(filename="", fileobj=file, mode="wb", compresslevel=_LEVEL)
        self._hash = hashlib.sha256()
        self._rows = 0
        self._write(header)

    def _write(self, value: Any) -> None:
        line = msgspec.json.encode(value) + b"\n"
        self._hash.update(line)
        self._gzip.write(line)

    def write(self, table: str, rows: Sequence[Mapping[str, object]]) -> None:
        """Write some rows of a table."""
        self._rows += len(rows)
        self._write((table, [list(row.values()) for row in rows]))

    def finish(self) -> None:
        """Write the trailer."""
        self._write(_Trailer(self._rows, self._hash.hexdigest()))
        self._gzip.close()


def read_header(file: BinaryIO) -> BackupHeader:
    """Return the validated header of a backup.

    Raises:
        BackupError: the file is not a backup, has a newer format or is damaged.
    """
    try:
        line = next(_read_lines(file), b"")
        decoded_header = msgspec.json.decode(line)
        if not isinstance(decoded_header, dict) or not isinstance(
            decoded_header.get("taskstead_backup"), int
        ):
            raise BackupError("The file is not a backup created by `taskstead backup`.")
        if decoded_header["taskstead_backup"] > FORMAT:
            raise BackupError(
                f"The backup was created by a newer version of Taskstead, "
                f"{decoded_header.get('version')}. Install that version and retry."
            )
        header = msgspec.convert(decoded_header, BackupHeader)
    except msgspec.MsgspecError:
        raise BackupError(_INCOMPLETE) from None
    for name, table in header.tables.items():
        kinds = table.columns.values()
        if not all(map(_NAME.match, (name, *table.columns))) or not _DECODERS.keys() >= set(kinds):
            raise BackupError(_INCOMPLETE)
    return header


def check_backup(file: BinaryIO) -> None:
    """Read a whole backup and check that it is complete and undamaged.

    Raises:
        BackupError: the backup is damaged or incomplete.
    """
    digest = hashlib.sha256()
    last_line = b""
    for line in _read_lines(file):
        digest.update(last_line)
        last_line = line
    try:
        trailer = msgspec.json.decode(last_line, type=_Trailer)
    except msgspec.MsgspecError:
        raise BackupError(_INCOMPLETE) from None
    if trailer.sha256 != digest.hexdigest():
        raise BackupError(_INCOMPLETE)


def read_rows(file: BinaryIO, header: BackupHeader) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield table names with some of their rows. Call :func:`check_backup` first."""
    lines = _read_lines(file)
    next(lines)
    for line in lines:
        decoded = msgspec.json.decode(line)
        if isinstance(decoded, dict):
            return
        name, rows = decoded
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
            f"The file is damaged or not a backup ({error}). Nothing was changed."
        ) from None
    except (EOFError, zlib.error):
        raise BackupError(_INCOMPLETE) from None
