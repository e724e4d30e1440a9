"""Hypothesis strategies for exported tasks."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from taskstead.domain.fractional_index import make_order_key
from taskstead.schemas.text import TagName, Title
from taskstead.tables.tasks import LabelledTaskRow
from tests.unit.formats.rows import TASK

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
plain_words = st.from_regex(r"[A-Za-z0-9\u00e9()]{1,9}", fullmatch=True)
ids = st.uuids().map(str)
instants = st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
days = st.dates(date(1900, 1, 1), date(2999, 1, 1))


@st.composite
def draw_row(draw: st.DrawFn) -> LabelledTaskRow:
    """Draw a row of ``queries.tasks.tasks`` with the fields that are exported."""
    status = draw(st.sampled_from(["todo", "in_progress", "done", "cancelled"]))
    deleted_at = draw(st.none() | instants)
    due = draw(st.none() | st.sampled_from(["2026-12-01", "2026-12-01T09:00:00.5+01:00"]))
    return {
        **TASK,
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


@st.composite
def draw_todo_row(draw: st.DrawFn) -> LabelledTaskRow:
    """Draw a row whose fields can all be represented in todo.txt."""
    status = draw(st.sampled_from(["todo", "in_progress", "done", "cancelled"]))
    start, end = (
        datetime(day.year, day.month, day.day, tzinfo=UTC)
        for day in sorted(draw(st.tuples(days, days)))
    )
    beginning = draw(st.sampled_from(["", "x ", "(B) ", "2026-01-01 ", "x 2026-01-01 (A) "]))
    return {
        **TASK,
        "title": beginning + " ".join(draw(st.lists(plain_words, min_size=1, max_size=3))),
        "status": status,
        "priority": draw(st.integers(1, 5)),
        "due_date": draw(st.none() | st.sampled_from(["2026-12-01", "2026-12-01T09:00:00.5Z"])),
        "category_name": draw(st.none() | plain_words),
        "tags": draw(st.lists(plain_words, max_size=3)),
        "created_at": start,
        "updated_at": end,
        "completed_at": end if status == "done" else None,
    }
