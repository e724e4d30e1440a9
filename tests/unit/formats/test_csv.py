"""CSV files: headers, cells, escaping, and the round trip of tasks."""

import pytest
from hypothesis import given

from taskstead.formats.csv import (
    encode_csv_header,
    encode_csv_rows,
    parse_csv_header,
    parse_csv_record,
)
from taskstead.formats.task_record import (
    TRANSFER_FIELDS,
    BadRecordError,
    render_transferred_task,
)
from taskstead.tables.tasks import LabelledTaskRow
from tests.unit.formats.rows import TASK
from tests.unit.formats.strategies import draw_row


def encode_cells(row: LabelledTaskRow) -> list[str]:
    """Return the cells of a record without line breaks and quotation marks."""
    return encode_csv_rows([row]).decode().removesuffix("\r\n").split(",")


@given(draw_row())
def test_written_record_is_read_back_unchanged(row: LabelledTaskRow) -> None:
    record = encode_csv_rows([row]).removesuffix(b"\r\n")
    task = parse_csv_record(record, TRANSFER_FIELDS)
    assert task.model_dump(include=set(TRANSFER_FIELDS)) == render_transferred_task(row)


def test_written_header_is_read_back_unchanged() -> None:
    assert parse_csv_header(encode_csv_header().strip()) == list(TRANSFER_FIELDS)


@pytest.mark.parametrize("title", ["=1+1", "+1", "-1", "@x", "\uff1dx", "'x", "'=x"])
def test_cell_that_may_be_a_formula_gets_an_apostrophe(title: str) -> None:
    assert encode_cells({**TASK, "title": title})[2] == f"'{title}"


def test_times_are_in_utc_and_empty_fields_are_empty_cells() -> None:
    cells = dict(zip(TRANSFER_FIELDS, encode_cells(TASK), strict=True))
    assert cells["created_at"] == "2014-06-19T00:00:00.000000Z"
    assert cells["due_date"] == cells["tags"] == cells["description"] == ""


def test_columns_are_in_any_order_and_may_be_missing() -> None:
    columns = parse_csv_header(b' priority ,"title"')
    task = parse_csv_record(b"1,Milk", columns)
    assert task.model_dump(exclude_unset=True) == {"priority": 1, "title": "Milk"}


@pytest.mark.parametrize(
    ("header", "message", "code"),
    [
        (b"", "the column title is missing", "columns"),
        (b"id", "the column title is missing", "columns"),
        (b"title,color", "unknown column 'color'", "columns"),
        (b"Title", "unknown column 'Title'", "columns"),
        (b"title;id", "unknown column 'title;id'", "columns"),
        (b"title,", "unknown column ''", "columns"),
        (b"title,id, title", "a column is repeated", "columns"),
        (b'"title', "invalid CSV", "malformed_line"),
        (b"title,\xff", "not UTF-8: invalid byte 0xff at column 7", "malformed_line"),
    ],
)
def test_invalid_header_is_rejected(header: bytes, message: str, code: str) -> None:
    with pytest.raises(BadRecordError, match=message) as caught:
        parse_csv_header(header)
    assert (caught.value.code, caught.value.pointer) == (code, None)


@pytest.mark.parametrize(
    ("cell", "title"),
    [
        (b"a b", "a b"),
        (b'"a, ""b"""', 'a, "b"'),
        (b'a"b', 'a"b'),
        (b'"a\r\nb"', "a\r\nb"),
        (b"'=1", "=1"),
        (b"=1", "=1"),
        (b"''x", "'x"),
        (b"'tis", "'tis"),
    ],
)
def test_cell_is_unescaped(cell: bytes, title: str) -> None:
    assert parse_csv_record(cell, ["title"]).title == title


@pytest.mark.parametrize(
    ("cell", "tags"),
    [
        (b"a", ["a"]),
        (b'"a, b,,c"', ["a", "b", "c"]),
        (rb'"a\,b,c\\d"', ["a,b", "c\\d"]),
        (b"'=a", ["=a"]),
        (b"a\\", ["a"]),
    ],
)
def test_tags_are_separated_by_commas(cell: bytes, tags: list[str]) -> None:
    assert parse_csv_record(b"x," + cell, ["title", "tags"]).tags == tags


@pytest.mark.parametrize(
    ("record", "message", "pointer"),
    [
        (b"a,3,x", "3 cells instead of 2 as in the header", None),
        (b"a", "1 cells instead of 2 as in the header", None),
        (b'"a', "invalid CSV", None),
        (b'"a"b,3', "invalid CSV", None),
        (b"a\nb,3", "invalid CSV", None),
        (b"\xff,3", "not UTF-8", None),
        (b"a,high", "valid integer", "/priority"),
        (b"a,6", "less than or equal to 5", "/priority"),
        (b"a," + b"9" * 16, "valid integer", "/priority"),
        (",\u0663".encode(), "valid integer", "/priority"),
        (b",3", "Field required", "/title"),
    ],
)
def test_invalid_record_is_rejected(record: bytes, message: str, pointer: str | None) -> None:
    with pytest.raises(BadRecordError, match=message) as caught:
        parse_csv_record(record, ["title", "priority"])
    assert caught.value.pointer == pointer
