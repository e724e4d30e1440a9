"""Tasks as CSV (RFC 4180) in UTF-8: a header line, then one record per task.

Two conventions extend CSV. The import reverses both, so that no data is lost:

- An apostrophe is added before a cell that a spreadsheet would evaluate as a formula (owasp.org,
  "CSV Injection"), and before a cell that begins with an apostrophe.
- The tags of a task are in one cell, separated by commas. A comma or a backslash within a tag is
  escaped with a backslash.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from taskstead.clock import render_instant
from taskstead.formats.task_record import (
    TRANSFER_FIELDS,
    BadRecordError,
    check_record,
    decode_record,
    render_transferred_task,
)
from taskstead.schemas.tasks.import_task import ImportTask
from taskstead.tables.tasks import LabelledTaskRow

# Characters that begin a formula in spreadsheets; the last four are full-width.
_FORMULA = (
    *"=+-@\t\r\n",
    *("\N{FULLWIDTH EQUALS SIGN}", "\N{FULLWIDTH PLUS SIGN}"),
    *("\N{FULLWIDTH HYPHEN-MINUS}", "\N{FULLWIDTH COMMERCIAL AT}"),
)
_FORMULA_GUARD = "'"
_GUARDED = (*_FORMULA, _FORMULA_GUARD)
_NUMBER_FIELDS = frozenset({"number", "priority", "repeat_gone"})
_WHOLE_NUMBER = re.compile("[0-9]{1,15}")
_TAG_PART = re.compile(r"(?:[^,\\]|\\.)+", re.DOTALL)


def encode_csv_header() -> bytes:
    """Return the header line with the column names."""
    return _encode_records([TRANSFER_FIELDS])


def encode_csv_rows(rows: Iterable[LabelledTaskRow]) -> bytes:
    """Encode tasks, rows of ``queries.tasks.tasks``, as records."""
    return _encode_records(
        [_render_cell(value) for value in render_transferred_task(row).values()] for row in rows
    )


def _encode_records(records: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(records)
    return text.getvalue().encode()


def _render_cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return render_instant(value)
    if isinstance(value, list):
        value = ",".join(tag.replace("\\", "\\\\").replace(",", "\\,") for tag in value)
    text = str(value)
    return _FORMULA_GUARD + text if text.startswith(_GUARDED) else text


def parse_csv_header(raw: bytes) -> list[str]:
    """Parse the header line and return the column names.

    The columns may be in any order, and all except ``title`` are optional.

    Raises:
        BadRecordError: a column is unknown or repeated, or ``title`` is missing.
    """
    names = [name.strip() for name in _split_cells(raw)]
    unknown = next((name for name in names if name not in TRANSFER_FIELDS), None)
    if unknown is not None:
        known = ", ".join(TRANSFER_FIELDS)
        raise BadRecordError(f"unknown column {unknown!r}; the columns are {known}", "columns")
    if len(set(names)) < len(names):
        raise BadRecordError("a column is repeated", "columns")
    if "title" not in names:
        raise BadRecordError("the column title is missing", "columns")
    return names


def parse_csv_record(raw: bytes, columns: Sequence[str]) -> ImportTask:
    """Parse a record and return the task. An empty cell is an omitted field.

    Raises:
        BadRecordError: the number of cells or one of them is invalid.
    """
    cells = _split_cells(raw)
    if len(cells) != len(columns):
        raise BadRecordError(f"{len(cells)} cells instead of {len(columns)} as in the header")
    pairs = zip(columns, cells, strict=True)
    return check_record({name: _parse_cell(name, cell) for name, cell in pairs if cell})


def _split_cells(raw: bytes) -> list[str]:
    text = decode_record(raw)
    try:
        records = list(csv.reader([text], strict=True))
    except csv.Error as error:
        raise BadRecordError(f"invalid CSV: {error}") from None
    if len(records) != 1:
        raise BadRecordError("invalid CSV: a quotation mark in an unquoted cell")
    return records[0]


def _parse_cell(name: str, cell: str) -> Any:
    if cell.startswith(_FORMULA_GUARD) and cell[1:].startswith(_GUARDED):
        cell = cell[1:]
    if name in _NUMBER_FIELDS and _WHOLE_NUMBER.fullmatch(cell):
        return int(cell)
    if name == "repeat_except":
        return cell.split(",")
    if name == "tags":
        parts = (part.strip() for part in _TAG_PART.findall(cell))
        return [re.sub(r"\\(.)", r"\1", part, flags=re.DOTALL) for part in parts if part]
    return cell
