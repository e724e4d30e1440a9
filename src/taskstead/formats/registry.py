"""The formats of task files, and the incremental splitting of a file into records."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

from taskstead.formats.csv import encode_csv_rows, parse_csv_header, parse_csv_record
from taskstead.formats.file_formats import FileFormat
from taskstead.formats.jsonl import encode_json_lines, parse_json_line
from taskstead.formats.task_record import BadRecordError
from taskstead.formats.todotxt import encode_todo_lines, parse_todo_line
from taskstead.schemas.tasks.import_task import ImportTask
from taskstead.tables.tasks import LabelledTaskRow

# The format by media type, for imports.
IMPORT_TYPES: dict[str, FileFormat] = {
    "application/x-ndjson": "jsonl",
    "application/ndjson": "jsonl",
    "application/jsonl": "jsonl",
    "text/csv": "csv",
    "text/plain": "todotxt",
}
# The maximum size of one record. It is more than the longest description with every character
# escaped.
MAX_RECORD_BYTES = 2 << 20

_CALENDAR_START = b"BEGIN:VCALENDAR"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class RawRecord(NamedTuple):
    """A record of a file, before it is parsed.

    Attributes:
        line: the number of its first line, counted from 1.
        data: its bytes without the line ending.
    """

    line: int
    data: bytes


class RecordSplitter:
    """Splits a file into records while it is received; blank records are skipped.

    A record is a line, terminated by LF, CRLF or CR. In CSV, a line ending between quotation marks
    is part of the record. A byte order mark at the start is ignored.

    Attributes:
        columns: the column names of a CSV file, from its header.
    """

    def __init__(self, kind: FileFormat) -> None:
        self.columns: list[str] = []
        self._is_csv = kind == "csv"
        self._is_jsonl = kind == "jsonl"
        self._has_begun = False
        self._incomplete_line = b""
        self._incomplete_record = bytearray()
        self._is_quoted = False
        self._line_number = 0
        self._first_line = 1

    def feed(self, data: bytes) -> Iterator[RawRecord]:
        """Process the next bytes and yield the records that they complete.

        Raises:
            BadRecordError: the file has another format, a CSV header is invalid, or a record is too
                long.
        """
        data = self._incomplete_line + data
        self._check_start(data)
        lines = data.splitlines(keepends=True)
        # The last line may be incomplete. After a CR, the next byte may be the LF of a CRLF.
        self._incomplete_line = lines.pop() if lines and not lines[-1].endswith(b"\n") else b""
        for line in lines:
            yield from self._add_line(line)
        if len(self._incomplete_record) + len(self._incomplete_line) > MAX_RECORD_BYTES:
            raise BadRecordError(f"line {self._first_line}: longer than {MAX_RECORD_BYTES} bytes")

    def finish(self) -> Iterator[RawRecord]:
        """Yield the last record, if the file does not end with a line ending."""
        self._is_quoted = False
        yield from self._add_line(self._incomplete_line, is_last=True)

    def _check_start(self, data: bytes) -> None:
        """Raise ``BadRecordError`` for a file in a format that cannot be imported.

        Otherwise there would be an error for each line of the file.
        """
        if self._has_begun:
            return
        start = data.removeprefix(_BYTE_ORDER_MARK).lstrip()[: len(_CALENDAR_START)].upper()
        if self._is_jsonl and start.startswith(b"["):
            raise BadRecordError(
                "the file is a JSON array, not JSON Lines with one object per line; convert it "
                "with jq -c '.[]'"
            )
        if start == _CALENDAR_START:
            raise BadRecordError(
                "iCalendar files cannot be imported; use JSON Lines, CSV or todo.txt"
            )

    def _add_line(self, line: bytes, *, is_last: bool = False) -> Iterator[RawRecord]:
        self._line_number += 1
        self._incomplete_record += (
            line.removeprefix(_BYTE_ORDER_MARK) if self._line_number == 1 else line
        )
        if self._is_csv and not is_last:
            self._is_quoted ^= bool(line.count(b'"') & 1)
            if self._is_quoted:
                return
        first, record = self._first_line, bytes(self._incomplete_record)
        self._first_line = self._line_number + 1
        self._incomplete_record.clear()
        record = record.removesuffix(b"\n").removesuffix(b"\r")
        if not record.strip():
            return
        self._has_begun = True
        if self._is_csv and not self.columns:
            try:
                self.columns = parse_csv_header(record)
            except BadRecordError as error:
                raise BadRecordError(f"line {first}: {error.message}", error.code) from None
            return
        yield RawRecord(first, record)


def make_parser(
    kind: FileFormat, columns: Sequence[str], zone: ZoneInfo
) -> Callable[[bytes], ImportTask]:
    """Return a function that parses a record or raises ``BadRecordError``.

    Args:
        kind: the format.
        columns: the column names of a CSV file.
        zone: the time zone of days in todo.txt.
    """
    if kind == "csv":
        return lambda raw: parse_csv_record(raw, columns)
    if kind == "todotxt":
        return lambda raw: parse_todo_line(raw, zone)
    return parse_json_line


def encode_rows(kind: FileFormat, rows: Iterable[LabelledTaskRow], zone: ZoneInfo) -> bytes:
    """Encode tasks, rows of ``queries.tasks.tasks``, as records of a file.

    Args:
        kind: the format.
        rows: the tasks.
        zone: the time zone of days in todo.txt.
    """
    if kind == "csv":
        return encode_csv_rows(rows)
    if kind == "todotxt":
        return encode_todo_lines(rows, zone)
    return encode_json_lines(rows)
