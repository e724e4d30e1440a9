"""Formats of task files: the splitting of a file into records, and the choice of a codec."""

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskstead.formats.csv import encode_csv_header
from taskstead.formats.file_formats import FILE_EXTENSIONS, MEDIA_TYPES, FileFormat
from taskstead.formats.registry import (
    IMPORT_TYPES,
    MAX_RECORD_BYTES,
    RawRecord,
    RecordSplitter,
    encode_rows,
    make_parser,
)
from taskstead.formats.task_record import BadRecordError
from taskstead.schemas.tasks.import_task import ImportTask
from taskstead.tables.tasks import LabelledTaskRow
from tests.unit.formats.rows import TASK

UTC_ZONE = ZoneInfo("Etc/UTC")
KINDS: list[FileFormat] = ["jsonl", "csv", "todotxt"]


def split(kind: FileFormat, *blocks: bytes) -> tuple[list[str], list[RawRecord]]:
    """Return the columns and the records of a file that is received in blocks."""
    splitter = RecordSplitter(kind)
    records = [record for block in blocks for record in splitter.feed(block)]
    records += splitter.finish()
    return splitter.columns, records


def read_file(kind: FileFormat, *blocks: bytes) -> list[ImportTask]:
    """Return the tasks of a file that is received in blocks."""
    columns, records = split(kind, *blocks)
    parse = make_parser(kind, columns, UTC_ZONE)
    return [parse(raw) for _, raw in records]


@pytest.mark.parametrize("kind", KINDS)
def test_written_file_is_read_back(kind: FileFormat) -> None:
    rows: list[LabelledTaskRow] = [
        {**TASK, "title": 'a "b", c', "tags": ["d,e", "f"]},
        {**TASK, "title": "=g", "category_name": "h"},
        {**TASK, "title": "\ufeffi", "priority": 1},
    ]
    content = encode_rows(kind, rows, UTC_ZONE)
    if kind == "csv":
        content = encode_csv_header() + content
    found = [
        (task.title, task.tags, task.category, task.priority) for task in read_file(kind, content)
    ]
    assert found == [
        (row["title"], row["tags"], row["category_name"], row["priority"]) for row in rows
    ]


@pytest.mark.parametrize("kind", KINDS)
@given(
    pieces=st.lists(
        st.sampled_from([b"\r", b"\n", b"\r\n", b'"', b",", b"x", b" ", b"\xef\xbb\xbf"])
    ),
    data=st.data(),
)
def test_records_do_not_depend_on_the_blocks(
    kind: FileFormat, pieces: list[bytes], data: st.DataObject
) -> None:
    content = b"title\n" + b"".join(pieces)
    cut = data.draw(st.integers(0, len(content)))
    assert split(kind, content[:cut], content[cut:]) == split(kind, content)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("content", [b"", b"\n \r\n\n", b"\xef\xbb\xbf"])
def test_file_without_text_has_no_records(kind: FileFormat, content: bytes) -> None:
    assert split(kind, content) == ([], [])


def test_byte_order_mark_at_the_start_is_ignored() -> None:
    assert split("todotxt", b"\xef\xbb", b"\xbfa\n\xef\xbb\xbfb") == (
        [],
        [(1, b"a"), (2, b"\xef\xbb\xbfb")],
    )


def test_error_in_a_header_names_its_line() -> None:
    with pytest.raises(BadRecordError, match="line 3: the column title is missing") as caught:
        split("csv", b"\n\nid\n")
    assert caught.value.code == "columns"


@pytest.mark.parametrize("kind", KINDS)
def test_record_without_end_is_rejected_early(kind: FileFormat) -> None:
    splitter = RecordSplitter(kind)
    piece = b"x\n" * 32768 if kind == "csv" else b"x" * 65536
    list(splitter.feed(b'title\n"' if kind == "csv" else b""))

    def feed_until_limit() -> None:
        for _ in range(MAX_RECORD_BYTES // len(piece) + 1):
            list(splitter.feed(piece))

    with pytest.raises(BadRecordError, match="longer than"):
        feed_until_limit()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n"])
@pytest.mark.parametrize("size", [1, 7, 1000])
def test_any_line_end_terminates_a_record(kind: FileFormat, end: bytes, size: int) -> None:
    lines = {
        "jsonl": [b'{"title": "a"}', b'{"title": "b c"}', b"", b'{"title": "d"}'],
        "csv": [b"title", b"a", b"b c", b"", b'"d"'],
        "todotxt": [b"a", b"b c", b"", b"d"],
    }[kind]
    content = end.join(lines)
    blocks = [content[start : start + size] for start in range(0, len(content), size)]
    assert [task.title for task in read_file(kind, *blocks)] == ["a", "b c", "d"]
    splitter = RecordSplitter(kind)
    records = [record for block in [*blocks, end] for record in splitter.feed(block)]
    records += splitter.finish()
    assert [line for line, _ in records] == ([2, 3, 5] if kind == "csv" else [1, 2, 4])


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n"])
def test_line_ends_within_a_cell_are_preserved(end: bytes) -> None:
    content = b"title,description" + end + b'a,"1\r2\n3\r\n4"' + end + b"b," + end
    first, second = read_file("csv", content)
    assert (first.description, second.title) == ("1\r2\n3\r\n4", "b")


@pytest.mark.parametrize("size", [1, 1000])
@pytest.mark.parametrize(
    ("kind", "content", "part"),
    [
        ("jsonl", b'[\n  {"title": "a"},\n  {"title": "b"}\n]\n', "a JSON array"),
        ("jsonl", b'\xef\xbb\xbf\n \n[{"title": "a"}]', "a JSON array"),
        ("jsonl", b"[" + b" " * (MAX_RECORD_BYTES + 1), "a JSON array"),
        ("jsonl", b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n", "iCalendar"),
        ("todotxt", b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n", "iCalendar"),
        ("csv", b"begin:vcalendar\nVERSION:2.0\n", "iCalendar"),
    ],
)
def test_file_of_another_format_is_rejected(
    kind: FileFormat, content: bytes, part: str, size: int
) -> None:
    size = max(size, len(content) // 100)
    blocks = [content[start : start + size] for start in range(0, len(content), size)]
    with pytest.raises(BadRecordError, match=part):
        read_file(kind, *blocks)


def test_todotxt_line_may_begin_with_a_bracket() -> None:
    assert [task.title for task in read_file("todotxt", b"[ ] a\n")] == ["[ ] a"]


def test_every_format_has_a_file_extension_and_a_media_type() -> None:
    assert set(KINDS) == set(MEDIA_TYPES) == set(FILE_EXTENSIONS.values())
    assert {kind: IMPORT_TYPES[media_type] for kind, media_type in MEDIA_TYPES.items()} == {
        kind: kind for kind in KINDS
    }
