"""Export and import formats: a written file is read back unchanged, in chunks of any size."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from taskstead.domain.fractional_index import make_order_key
from taskstead.formats.csv import encode_csv_header, encode_csv_rows
from taskstead.formats.jsonl import encode_json_lines
from taskstead.formats.registry import (
    MAX_RECORD_BYTES,
    FileFormat,
    RecordSplitter,
    encode_rows,
    make_parser,
)
from taskstead.formats.task_record import BadRecordError, render_transferred_task
from taskstead.schemas.tasks.import_task import ImportTask
from taskstead.schemas.text import TagName, Title
from taskstead.tables.tasks import LabelledTaskRow

UTC_ZONE = ZoneInfo("Etc/UTC")
DAY_OF_START = datetime(2014, 6, 19, tzinfo=UTC)
DAY_OF_END = datetime(2014, 7, 4, tzinfo=UTC)

awkward = st.text(st.sampled_from("=+-@'\",;\\\t\r\n ab\u2028\ufeff\uff1d0"), max_size=12)
texts = awkward | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=30
)


def make_validity_check(kind: Any) -> Callable[[str], bool]:
    """Return a function that reports whether a type accepts a text unchanged."""
    adapter = TypeAdapter(kind)

    def check(text: str) -> bool:
        try:
            return bool(adapter.validate_python(text) == text)
        except ValidationError:
            return False

    return check


titles = texts.map(str.strip).filter(make_validity_check(Title))
names = texts.map(str.strip).filter(make_validity_check(TagName))
ids = st.uuids().map(str)
instants = st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


ROW: LabelledTaskRow = {
    "workspace_id": "00000000-0000-7000-8000-000000000001",
    "id": "00000000-0000-7000-8000-000000000002",
    "number": 1,
    "title": "Title",
    "title_key": "title",
    "description": "",
    "status": "todo",
    "priority": 3,
    "due_date": None,
    "due_time_zone": None,
    "due_kind": None,
    "due_at": None,
    "category_id": None,
    "category_name": None,
    "tags": [],
    "tag_ids": [],
    "parent_id": None,
    "assignee_id": None,
    "position": "a0",
    "revision": 1,
    "created_by": "00000000-0000-7000-8000-000000000003",
    "created_at": DAY_OF_START,
    "updated_at": DAY_OF_START,
    "completed_at": None,
    "deleted_at": None,
    "deleted_batch": None,
}


@st.composite
def draw_row(draw: st.DrawFn) -> LabelledTaskRow:
    """Draw a row of ``queries.tasks.tasks`` with the fields that are exported."""
    status = draw(st.sampled_from(["todo", "in_progress", "done", "cancelled"]))
    deleted_at = draw(st.none() | instants)
    due = draw(st.none() | st.sampled_from(["2026-12-01", "2026-12-01T09:00:00.5+01:00"]))
    return {
        **ROW,
        "id": draw(ids),
        "number": draw(st.integers(1, 10**12 - 1)),
        "title": draw(titles),
        "description": draw(texts),
        "status": status,
        "priority": draw(st.integers(1, 5)),
        "due_date": due,
        "due_time_zone": due and draw(st.none() | st.just("Europe/Berlin")),
        "category_name": draw(st.none() | names),
        "tags": draw(st.lists(names, max_size=4)),
        "parent_id": draw(st.none() | ids),
        "assignee_id": draw(st.none() | ids),
        "position": make_order_key(draw(st.integers(0, 10**6))),
        "created_at": draw(instants),
        "updated_at": draw(instants),
        "completed_at": draw(instants) if status == "done" else None,
        "deleted_at": deleted_at,
        "deleted_batch": None if deleted_at is None else draw(st.none() | ids),
    }


def write_file(kind: FileFormat, rows: list[LabelledTaskRow]) -> bytes:
    if kind == "csv":
        return encode_csv_header() + encode_csv_rows(rows)
    return encode_json_lines(rows)


def read_file(kind: FileFormat, *blocks: bytes) -> list[ImportTask]:
    splitter = RecordSplitter(kind)
    records = [record for block in blocks for record in splitter.feed(block)]
    records += splitter.finish()
    parse = make_parser(kind, splitter.columns, UTC_ZONE)
    return [parse(raw) for _, raw in records]


@pytest.mark.parametrize("kind", ["jsonl", "csv"])
@given(rows=st.lists(draw_row(), max_size=3), data=st.data())
def test_written_file_is_read_back_unchanged(
    kind: FileFormat, rows: list[LabelledTaskRow], data: st.DataObject
) -> None:
    content = write_file(kind, rows)
    cut = data.draw(st.integers(0, len(content)))
    found = read_file(kind, content[:cut], content[cut:])
    expected = [
        {name: value for name, value in render_transferred_task(row).items() if value != ""}
        for row in rows
    ]
    shown = [task.model_dump(include=set(render_transferred_task(rows[0]))) for task in found]
    assert [{k: v for k, v in task.items() if v != ""} for task in shown] == expected


@given(
    priority=st.none() | st.sampled_from("ABCDEZ"),
    days=st.lists(st.dates(date(1900, 1, 1), date(2999, 1, 1)), max_size=2),
    is_done=st.booleans(),
    words=st.lists(st.from_regex(r"[a-z&:()\u00e9\u65e5]{2,9}", fullmatch=True), min_size=1),
    marks=st.lists(st.from_regex(r"[+@][A-Za-z\u00e9]{1,9}", fullmatch=True), max_size=5),
    due=st.none() | st.dates(date(1900, 1, 1), date(2999, 1, 1)),
)
def test_todotxt_lines_are_parsed(  # noqa: PLR0917 - Hypothesis passes the arguments
    priority: str | None,
    days: list[date],
    is_done: bool,  # noqa: FBT001
    words: list[str],
    marks: list[str],
    due: date | None,
) -> None:
    if not is_done:
        days = days[:1]
    head = ["x"] if is_done else []
    head += [f"({priority})"] if priority else []
    line = " ".join([*head, *map(str, days), *words, *marks, *([f"due:{due}"] if due else [])])
    (task,) = read_file("todotxt", line.encode() + b"\r\n")
    assert task.title == " ".join(words)
    assert task.status == ("done" if is_done else "todo")
    assert task.priority == ({"A": 1, "B": 2, "C": 3, "D": 4}.get(priority, 5) if priority else 3)
    assert task.due_date == (due and str(due))
    projects = [mark[1:] for mark in marks if mark[0] == "+"]
    assert task.category == (projects[0] if projects else None)
    category = f"+{task.category}"
    rest = list(marks)
    if projects:
        rest.remove(category)
    assert task.tags == [mark[1:] for mark in rest]
    times = [task.completed_at, task.created_at] if is_done else [task.created_at]
    assert [time for time in times if time] == [
        datetime(day.year, day.month, day.day, tzinfo=UTC) for day in sorted(days, reverse=True)
    ]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Call Mom", {"title": "Call Mom"}),
        ("x", {"title": "x", "status": "todo"}),
        ("X 2026-01-01 no", {"title": "X 2026-01-01 no", "status": "todo"}),
        ("(a) not a priority", {"title": "(a) not a priority", "priority": 3}),
        ("Really (A) later", {"title": "Really (A) later", "priority": 3}),
        ("x 2026-01-01 done pri:B", {"title": "done", "priority": 2, "status": "done"}),
        ("+Only @marks", {"title": "+Only @marks", "category": "Only", "tags": ["marks"]}),
        ("1 + 1 @ home", {"title": "1 + 1 @ home", "tags": []}),
        ("rec:1w due:soon http://x.y/z", {"title": "rec:1w due:soon http://x.y/z"}),
        ("due:2026-01-01 due:2026-01-02 x", {"title": "due:2026-01-02 x"}),
        (
            "x 2014-07-04 (A) 2014-06-19 Write minutes +Board",
            {
                "title": "Write minutes",
                "priority": 1,
                "category": "Board",
                "status": "done",
                "completed_at": DAY_OF_END,
                "created_at": DAY_OF_START,
            },
        ),
        (
            "x  2014-07-04  2014-06-19  Paint fence",
            {"title": "Paint fence", "completed_at": DAY_OF_END, "created_at": DAY_OF_START},
        ),
        (
            "x\t(B)   2014-07-04 2014-06-19 Paint",
            {"title": "Paint", "priority": 2, "completed_at": DAY_OF_END},
        ),
        # Some programs write the two dates in the opposite order.
        (
            "x 2014-06-19 2014-07-04 (C) Paint",
            {"title": "Paint", "priority": 3, "completed_at": DAY_OF_END},
        ),
        ("2014-06-19 (B) Paint", {"title": "Paint", "priority": 2, "created_at": DAY_OF_START}),
        ("2014-06-19 2014-07-04 Paint", {"title": "2014-07-04 Paint"}),
        ("x 2014-06-19 (B) (C) Paint", {"title": "(C) Paint", "priority": 2}),
        ("(A) x Paint", {"title": "x Paint", "status": "todo"}),
        ("x 2014-07-04", {"title": "x 2014-07-04", "status": "done"}),
        ("(A)", {"title": "(A)", "priority": 1}),
        ("x 2014-07-04 A status:cancelled", {"status": "cancelled", "completed_at": None}),
        ("A status:in_progress", {"title": "A", "status": "in_progress"}),
    ],
)
def test_todotxt_examples(line: str, expected: dict[str, Any]) -> None:
    (task,) = read_file("todotxt", line.encode())
    assert {name: getattr(task, name) for name in expected} == expected


@pytest.mark.parametrize("kind", ["jsonl", "csv", "todotxt"])
def test_record_without_end_is_rejected_early(kind: FileFormat) -> None:
    splitter = RecordSplitter(kind)
    piece = b"x\n" * 32768 if kind == "csv" else b"x" * 65536
    list(splitter.feed(b'title\n"' if kind == "csv" else b""))

    def feed_until_limit() -> None:
        for _ in range(MAX_RECORD_BYTES // len(piece) + 1):
            list(splitter.feed(piece))

    with pytest.raises(BadRecordError, match="longer than"):
        feed_until_limit()


@pytest.mark.parametrize("kind", ["jsonl", "csv", "todotxt"])
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


plain_words = st.from_regex(r"[A-Za-z0-9\u00e9()]{1,9}", fullmatch=True)


@st.composite
def draw_todo_row(draw: st.DrawFn) -> LabelledTaskRow:
    """Draw a row whose fields can all be represented in todo.txt."""
    row = draw(draw_row())
    days = sorted(draw(st.tuples(*[st.dates(date(1900, 1, 1), date(2999, 1, 1))] * 2)))
    start, end = (datetime(day.year, day.month, day.day, tzinfo=UTC) for day in days)
    beginning = draw(st.sampled_from(["", "x ", "(B) ", "2026-01-01 ", "x 2026-01-01 (A) "]))
    title = beginning + " ".join(draw(st.lists(plain_words, min_size=1, max_size=3)))
    return {
        **row,
        "title": title,
        "category_name": draw(st.none() | plain_words),
        "tags": draw(st.lists(plain_words, max_size=3)),
        "created_at": start,
        "updated_at": end,
        "completed_at": end if row["status"] == "done" else None,
    }


@given(row=draw_todo_row())
def test_todotxt_round_trip_preserves_representable_fields(row: LabelledTaskRow) -> None:
    (task,) = read_file("todotxt", encode_rows("todotxt", [row], UTC_ZONE))
    assert (task.title, task.status, task.priority) == (
        row["title"],
        row["status"],
        row["priority"],
    )
    assert (task.created_at, task.completed_at) == (row["created_at"], row["completed_at"])
    assert (task.category, task.tags) == (row["category_name"], row["tags"])
    assert task.due_date == row["due_date"]


def test_todotxt_export_of_unrepresentable_fields() -> None:
    row: LabelledTaskRow = {
        **ROW,
        "title": "Two\nlines",
        "tags": ["now or later"],
        "category_name": "Home improvement",
        "due_date": "2099-01-01T20:00:00",
        "due_time_zone": "America/Los_Angeles",
    }
    line = "2014-06-19 Two lines +Home_improvement @now_or_later due:2099-01-01T20:00:00-08:00\n"
    assert encode_rows("todotxt", [row], UTC_ZONE).decode() == line
