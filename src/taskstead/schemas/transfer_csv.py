"""Tasks as CSV (RFC 4180) in UTF-8: a first line of column names, then a record a task.

Two things are ours, and undone when the file is read, so that nothing is lost on the way:

- a cell of text that a spreadsheet would take for a formula gets an apostrophe before it, and so
  does one that begins with an apostrophe (owasp.org, "CSV Injection");
- the tags of a task stand in one cell, parted by commas; a comma or a backslash that belongs to a
  tag has a backslash before it.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from taskstead.clock import render_instant
from taskstead.db.statements import Row
from taskstead.schemas.transfer import (
    TRANSFER_FIELDS,
    BadRecordError,
    ImportTask,
    check_record,
    decode_record,
    render_transferred_task,
)

# With what a cell may begin that a spreadsheet calculates; the last four are full-width.
_FORMULA = (
    *"=+-@\t\r\n",
    *("\N{FULLWIDTH EQUALS SIGN}", "\N{FULLWIDTH PLUS SIGN}"),
    *("\N{FULLWIDTH HYPHEN-MINUS}", "\N{FULLWIDTH COMMERCIAL AT}"),
)
_GUARD = "'"
_GUARDED = (*_FORMULA, _GUARD)
_NUMBERS = frozenset({"number", "priority"})
_WHOLE_NUMBER = re.compile("[0-9]{1,15}")
_TAG_PART = re.compile(r"(?:[^,\\]|\\.)+", re.DOTALL)


def encode_csv_head() -> bytes:
    """Return the first line: the names of the columns."""
    return _encode([TRANSFER_FIELDS])


def encode_csv_rows(rows: Iterable[Row]) -> bytes:
    """Return tasks, rows of ``queries.tasks``, as records."""
    return _encode(
        [_render_cell(value) for value in render_transferred_task(row).values()] for row in rows
    )


def _encode(records: Iterable[Sequence[str]]) -> bytes:
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
    return _GUARD + text if text.startswith(_GUARDED) else text


def parse_csv_head(raw: bytes) -> list[str]:
    """Return the names of the columns, which may come in any order and need not be all.

    Raises:
        BadRecordError: one is unknown or comes twice, or there is no title.
    """
    names = [name.strip() for name in _split(raw)]
    unknown = next((name for name in names if name not in TRANSFER_FIELDS), None)
    if unknown is not None:
        known = ", ".join(TRANSFER_FIELDS)
        raise BadRecordError(
            f"{unknown!r} is not a column of an import; those are {known}", "columns"
        )
    if len(set(names)) < len(names):
        raise BadRecordError("a column comes twice", "columns")
    if "title" not in names:
        raise BadRecordError("there is no column named title", "columns")
    return names


def parse_csv_record(raw: bytes, columns: Sequence[str]) -> ImportTask:
    """Return the task of a record. An empty cell is a field that is left out.

    Raises:
        BadRecordError: it is not a record of so many cells, or one of them is not allowed.
    """
    cells = _split(raw)
    if len(cells) != len(columns):
        raise BadRecordError(f"{len(cells)} cells and not {len(columns)}, as the first line has")
    pairs = zip(columns, cells, strict=True)
    return check_record({name: _read_cell(name, cell) for name, cell in pairs if cell})


def _split(raw: bytes) -> list[str]:
    text = decode_record(raw)
    try:
        records = list(csv.reader([text], strict=True))
    except csv.Error as error:
        raise BadRecordError(f"not a record of CSV: {error}") from None
    if len(records) != 1:
        raise BadRecordError(
            "not a record of CSV: a quotation mark within a cell that is not quoted"
        )
    return records[0]


def _read_cell(name: str, cell: str) -> Any:
    if cell.startswith(_GUARD) and cell[1:].startswith(_GUARDED):
        cell = cell[1:]
    if name in _NUMBERS and _WHOLE_NUMBER.fullmatch(cell):
        return int(cell)
    if name == "tags":
        parts = (part.strip() for part in _TAG_PART.findall(cell))
        return [re.sub(r"\\(.)", r"\1", part, flags=re.DOTALL) for part in parts if part]
    return cell
