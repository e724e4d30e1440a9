"""The formats of files of tasks, and cutting a file into records while it comes in."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Literal
from zoneinfo import ZoneInfo

from taskstead.db.statements import Row
from taskstead.schemas.transfer import BadRecordError, ImportTask
from taskstead.schemas.transfer_csv import encode_csv_rows, parse_csv_head, parse_csv_record
from taskstead.schemas.transfer_jsonl import encode_json_lines, parse_json_line
from taskstead.schemas.transfer_todotxt import encode_todo_lines, parse_todo_line

FileFormat = Literal["jsonl", "csv", "todotxt"]
MEDIA_TYPES: dict[FileFormat, str] = {
    "jsonl": "application/x-ndjson",
    "csv": "text/csv",
    "todotxt": "text/plain",
}
# The endings of file names. The first of each format is the one that an export gets.
ENDINGS: dict[str, FileFormat] = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".txt": "todotxt",
}
# What a file may be sent as; the first of each kind is what we say ourselves.
IMPORT_TYPES: dict[str, FileFormat] = {
    "application/x-ndjson": "jsonl",
    "application/ndjson": "jsonl",
    "application/jsonl": "jsonl",
    "text/csv": "csv",
    "text/plain": "todotxt",
}
# More than the longest description takes, each of its characters written as an escape.
MAX_RECORD_BYTES = 2 << 20

_CALENDAR = b"BEGIN:VCALENDAR"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
RawRecord = tuple[int, bytes]
"""The number of the line that it begins at, counted from 1, and its bytes without the line end."""


class RecordSplitter:
    """Cuts a file into records, blank ones left out, however its bytes come in.

    A record is a line, ended by LF, CRLF or CR; in CSV a line end between quotation marks belongs
    to the record. A byte order mark at the start is passed over.

    Attributes:
        columns: of a CSV file, as its first record names them.
    """

    def __init__(self, kind: FileFormat) -> None:
        self.columns: list[str] = []
        self._is_csv = kind == "csv"
        self._is_jsonl = kind == "jsonl"
        self._has_begun = False
        self._rest = b""
        self._open = bytearray()
        self._is_quoted = False
        self._line = 0
        self._first_line = 1

    def feed(self, data: bytes) -> Iterator[RawRecord]:
        """Take the next bytes; give the records that end in them.

        Raises:
            BadRecordError: the file has another format, the first line of a CSV file is not as it
                has to be, or a record is longer than any task can be.
        """
        data = self._rest + data
        self._check_start(data)
        lines = data.splitlines(keepends=True)
        # The last line may go on; a CR at its end may be half of a CRLF.
        self._rest = lines.pop() if lines and not lines[-1].endswith(b"\n") else b""
        for line in lines:
            yield from self._take(line)
        if len(self._open) + len(self._rest) > MAX_RECORD_BYTES:
            raise BadRecordError(f"line {self._first_line}: longer than {MAX_RECORD_BYTES} bytes")

    def finish(self) -> Iterator[RawRecord]:
        """Give the last record, where the file does not end with a line end."""
        self._is_quoted = False
        yield from self._take(self._rest, is_last=True)

    def _check_start(self, data: bytes) -> None:
        """Refuse files whose lines would be refused one by one, but for some that happen to fit."""
        if self._has_begun:
            return
        start = data.removeprefix(_BYTE_ORDER_MARK).lstrip()[: len(_CALENDAR)].upper()
        if self._is_jsonl and start.startswith(b"["):
            raise BadRecordError(
                "a JSON array is not JSON Lines, which has an object a line and neither brackets "
                "around them nor commas between (jq -c '.[]' makes them of an array)"
            )
        if start == _CALENDAR:
            raise BadRecordError(
                "iCalendar is not a format that can be imported; JSON Lines, CSV and todo.txt are"
            )

    def _take(self, line: bytes, *, is_last: bool = False) -> Iterator[RawRecord]:
        self._line += 1
        self._open += line.removeprefix(_BYTE_ORDER_MARK) if self._line == 1 else line
        if self._is_csv and not is_last:
            self._is_quoted ^= bool(line.count(b'"') & 1)
            if self._is_quoted:
                return
        first, record = self._first_line, bytes(self._open)
        self._first_line = self._line + 1
        self._open.clear()
        record = record.removesuffix(b"\n").removesuffix(b"\r")
        if not record.strip():
            return
        self._has_begun = True
        if self._is_csv and not self.columns:
            try:
                self.columns = parse_csv_head(record)
            except BadRecordError as error:
                raise BadRecordError(f"line {first}: {error.message}", error.code) from None
            return
        yield first, record


def make_parser(
    kind: FileFormat, columns: Sequence[str], zone: ZoneInfo
) -> Callable[[bytes], ImportTask]:
    """Return what turns a record into a task, or raises ``BadRecordError``.

    Args:
        kind: the format.
        columns: of a CSV file.
        zone: where the days of todo.txt begin.
    """
    if kind == "csv":
        return lambda raw: parse_csv_record(raw, columns)
    if kind == "todotxt":
        return lambda raw: parse_todo_line(raw, zone)
    return parse_json_line


def encode_rows(kind: FileFormat, rows: Iterable[Row], zone: ZoneInfo) -> bytes:
    """Return tasks, rows of ``queries.tasks``, as records of a file.

    Args:
        kind: the format.
        rows: the tasks.
        zone: where the days of todo.txt begin.
    """
    if kind == "csv":
        return encode_csv_rows(rows)
    if kind == "todotxt":
        return encode_todo_lines(rows, zone)
    return encode_json_lines(rows)
