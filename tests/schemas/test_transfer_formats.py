"""What is written as a file of tasks is read as the same tasks, however its bytes come in."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskstead.schemas.ordering import make_order_key
from taskstead.schemas.transfer import BadRecordError, ImportTask, render_transferred_task
from taskstead.schemas.transfer_csv import encode_csv_head, encode_csv_rows
from taskstead.schemas.transfer_formats import (
    MAX_RECORD_BYTES,
    ImportFormat,
    RecordSplitter,
    make_parser,
)
from taskstead.schemas.transfer_jsonl import encode_json_lines

UTC_ZONE = ZoneInfo("Etc/UTC")

awkward = st.text(st.sampled_from("=+-@'\",;\\\t\r\n ab\u2028\ufeff\uff1d0"), max_size=12)
texts = awkward | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=30
)
names = texts.map(str.strip).filter(bool)
ids = st.uuids().map(str)
instants = st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


@st.composite
def draw_row(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a row of ``queries.tasks``, as far as it goes into a file."""
    status = draw(st.sampled_from(["todo", "in_progress", "done", "cancelled"]))
    deleted_at = draw(st.none() | instants)
    due = draw(st.none() | st.sampled_from(["2026-12-01", "2026-12-01T09:00:00.5+01:00"]))
    return {
        "id": draw(ids),
        "number": draw(st.integers(1, 10**12 - 1)),
        "title": draw(names),
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
        "deleted_batch": deleted_at and draw(st.none() | ids),
    }


def write_file(kind: ImportFormat, rows: list[dict[str, Any]]) -> bytes:
    if kind == "csv":
        return encode_csv_head() + encode_csv_rows(rows)
    return encode_json_lines(rows)


def read_file(kind: ImportFormat, *blocks: bytes) -> list[ImportTask]:
    splitter = RecordSplitter(kind)
    records = [record for block in blocks for record in splitter.feed(block)]
    records += splitter.finish()
    parse = make_parser(kind, splitter.columns, UTC_ZONE)
    return [parse(raw) for _, raw in records]


@pytest.mark.parametrize("kind", ["jsonl", "csv"])
@given(rows=st.lists(draw_row(), max_size=3), data=st.data())
def test_what_is_written_is_read(
    kind: ImportFormat, rows: list[dict[str, Any]], data: st.DataObject
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
def test_todotxt_is_read(  # noqa: PLR0917 - as hypothesis calls it
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
        datetime(day.year, day.month, day.day, tzinfo=UTC) for day in days
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
    ],
)
def test_lines_of_todotxt(line: str, expected: dict[str, Any]) -> None:
    (task,) = read_file("todotxt", line.encode())
    assert {name: getattr(task, name) for name in expected} == expected


@pytest.mark.parametrize("kind", ["jsonl", "csv", "todotxt"])
def test_a_record_without_end_is_not_held(kind: ImportFormat) -> None:
    splitter = RecordSplitter(kind)
    piece = b"x\n" * 32768 if kind == "csv" else b"x" * 65536
    list(splitter.feed(b'title\n"' if kind == "csv" else b""))

    def feed_on() -> None:
        for _ in range(MAX_RECORD_BYTES // len(piece) + 1):
            list(splitter.feed(piece))

    with pytest.raises(BadRecordError, match="longer than"):
        feed_on()
