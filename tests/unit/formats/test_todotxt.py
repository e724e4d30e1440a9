"""todo.txt: the meaning of the words of a line, and the round trip of representable fields."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskstead.formats.task_record import BadRecordError
from taskstead.formats.todotxt import encode_todo_lines, parse_todo_line
from taskstead.tables.tasks import LabelledTaskRow
from tests.unit.formats.rows import CREATED as START
from tests.unit.formats.rows import TASK
from tests.unit.formats.rows import UPDATED as END
from tests.unit.formats.strategies import days, draw_todo_row

UTC_ZONE = ZoneInfo("Etc/UTC")
APIA = ZoneInfo("Pacific/Apia")


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
                "completed_at": END,
                "created_at": START,
            },
        ),
        (
            "x  2014-07-04  2014-06-19  Paint fence",
            {"title": "Paint fence", "completed_at": END, "created_at": START},
        ),
        (
            "x\t(B)   2014-07-04 2014-06-19 Paint",
            {"title": "Paint", "priority": 2, "completed_at": END},
        ),
        # Some programs write the two dates in the opposite order.
        (
            "x 2014-06-19 2014-07-04 (C) Paint",
            {"title": "Paint", "priority": 3, "completed_at": END},
        ),
        ("2014-06-19 (B) Paint", {"title": "Paint", "priority": 2, "created_at": START}),
        ("2014-06-19 2014-07-04 Paint", {"title": "2014-07-04 Paint"}),
        ("x 2014-06-19 (B) (C) Paint", {"title": "(C) Paint", "priority": 2}),
        ("(A) x Paint", {"title": "x Paint", "status": "todo"}),
        ("x 2014-07-04", {"title": "x 2014-07-04", "status": "done"}),
        ("(A)", {"title": "(A)", "priority": 1}),
        ("x 2014-07-04 A status:cancelled", {"status": "cancelled", "completed_at": None}),
        ("A status:in_progress", {"title": "A", "status": "in_progress"}),
    ],
)
def test_line_is_parsed(line: str, expected: dict[str, Any]) -> None:
    task = parse_todo_line(line.encode(), UTC_ZONE)
    assert {name: getattr(task, name) for name in expected} == expected


@given(
    priority=st.none() | st.sampled_from("ABCDEZ"),
    dates=st.lists(days, max_size=2),
    is_done=st.booleans(),
    words=st.lists(st.from_regex(r"[a-z&:()\u00e9\u65e5]{2,9}", fullmatch=True), min_size=1),
    marks=st.lists(st.from_regex(r"[+@][A-Za-z\u00e9]{1,9}", fullmatch=True), max_size=5),
    due=st.none() | days,
)
def test_any_combination_of_parts_is_parsed(  # noqa: PLR0917 - Hypothesis passes the arguments
    priority: str | None,
    dates: list[date],
    is_done: bool,  # noqa: FBT001
    words: list[str],
    marks: list[str],
    due: date | None,
) -> None:
    if not is_done:
        dates = dates[:1]
    head = ["x"] if is_done else []
    head += [f"({priority})"] if priority else []
    line = " ".join([*head, *map(str, dates), *words, *marks, *([f"due:{due}"] if due else [])])
    task = parse_todo_line(line.encode(), UTC_ZONE)
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
        datetime(day.year, day.month, day.day, tzinfo=UTC) for day in sorted(dates, reverse=True)
    ]


@given(row=draw_todo_row())
def test_round_trip_preserves_representable_fields(row: LabelledTaskRow) -> None:
    task = parse_todo_line(encode_todo_lines([row], UTC_ZONE), UTC_ZONE)
    assert (task.title, task.status, task.priority) == (
        row["title"],
        row["status"],
        row["priority"],
    )
    assert (task.created_at, task.completed_at) == (row["created_at"], row["completed_at"])
    assert (task.category, task.tags) == (row["category_name"], row["tags"])
    assert task.due_date == row["due_date"]


def encode_line(zone: ZoneInfo = UTC_ZONE, **values: Any) -> str:
    """Return the line of a task with these values."""
    row: LabelledTaskRow = {**TASK, **values}  # type: ignore[typeddict-item]
    return encode_todo_lines([row], zone).decode().removesuffix("\n")


@pytest.mark.parametrize(
    ("values", "line"),
    [
        ({}, "2014-06-19 Title"),
        ({"priority": 1}, "(A) 2014-06-19 Title"),
        ({"priority": 5}, "(E) 2014-06-19 Title"),
        ({"status": "in_progress"}, "2014-06-19 Title status:in_progress"),
        ({"status": "done", "completed_at": END}, "x 2014-07-04 2014-06-19 Title"),
        (
            {"status": "cancelled", "updated_at": END, "priority": 2},
            "x 2014-07-04 2014-06-19 Title pri:B status:cancelled",
        ),
        # With a priority in front, "(B)" is read as part of the title.
        ({"title": "(B) or not"}, "(C) 2014-06-19 (B) or not"),
        ({"due_date": "2026-12-01"}, "2014-06-19 Title due:2026-12-01"),
        # Without spaces and line breaks, and with the offset instead of the time zone.
        (
            {
                "title": "Two\nlines",
                "tags": ["now or later"],
                "category_name": "Home improvement",
                "due_date": "2099-01-01T20:00:00",
                "due_time_zone": "America/Los_Angeles",
            },
            "2014-06-19 Two lines +Home_improvement @now_or_later due:2099-01-01T20:00:00-08:00",
        ),
    ],
)
def test_task_is_encoded(values: dict[str, Any], line: str) -> None:
    assert encode_line(**values) == line


def test_dates_are_those_of_the_time_zone() -> None:
    instant = datetime(2025, 12, 31, 11, tzinfo=UTC)
    assert encode_line(APIA, created_at=instant) == "2026-01-01 Title"
    assert parse_todo_line(b"2026-01-01 Title", APIA).created_at == instant


@pytest.mark.parametrize(
    ("line", "message", "pointer"),
    [
        (b"2026-02-30 a", "2026-02-30 is not a valid date", "/created_at"),
        (b"x 2026-02-30 a", "2026-02-30 is not a valid date", "/completed_at"),
        (b"0001-01-01 a", "date", "/created_at"),
        (b"\xff a", "not UTF-8", None),
        (b"a +" + b"c" * 201, "at most 200 characters", "/category"),
        (b"a @b @" + b"c" * 101, "at most 100 characters", "/tags/1"),
        (b"a" * 501, "at most 500 characters", "/title"),
    ],
    ids=lambda value: value[:30] if isinstance(value, bytes) else None,
)
def test_invalid_line_is_rejected(line: bytes, message: str, pointer: str | None) -> None:
    with pytest.raises(BadRecordError, match=message) as caught:
        parse_todo_line(line, UTC_ZONE)
    assert caught.value.pointer == pointer
