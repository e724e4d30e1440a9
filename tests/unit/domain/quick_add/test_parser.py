"""The parser of quick add: vectors, and properties of the recognised spans."""

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskstead.domain.quick_add.language import list_languages, load_language
from taskstead.domain.quick_add.parser import parse_quick_add
from taskstead.domain.quick_add.result import QuickAdd
from taskstead.domain.recurrence.days import list_days
from taskstead.domain.recurrence.rules import parse_rule
from taskstead.domain.recurrence.validation import check_rule
from tests.unit.domain.quick_add.vectors import (
    BERLIN,
    DATA,
    NOW,
    list_issues,
    list_vectors,
    parse,
    parse_vector,
)

VECTORS = [
    pytest.param(vector, id=f"{path.stem}-{vector['id']}")
    for path in sorted(DATA.glob("quick-add*.jsonl"))
    for vector in list_vectors(path.name)
]
# Words that mean something in a phrase, signs, and words that mean nothing.
PIECES = (
    *(
        "tomorrow",
        "friday",
        "next",
        "week",
        "at",
        "9",
        "9am",
        "17:30",
        "on",
        "every",
        "every!",
        "3",
    ),
    *("days", "monday", "and", "until", "starting", "dec", "24", "feb", "30", "1st", "of", "month"),
    *("for", "6", "times", "morning", "daily", "#Home", '#"my home"', "@a", "@b", "+grace", "p1"),
    *("^12", "!30m", "!8:00", "2026-12-01", "1.12.", "the", "from", "milk", "call", '"the day"'),
    *("https://a.example/#b", r"\friday", r"\#x", "mum,", ",", "ä", "\u4e00", "🏠"),
)
TEXTS = st.lists(st.sampled_from(PIECES), max_size=10).map(" ".join)
# No word of any language consists of these letters only.
PLAIN_TEXTS = st.lists(st.text("qxzwv🏠", min_size=1, max_size=6), min_size=1, max_size=8)


REPEATS = st.lists(
    st.sampled_from(
        [
            *("day", "week", "month", "year", "quarter", "2", "other", "second", "last", "31st"),
            *("on", "the", "monday", "friday", "and", "workday", "feb", "dec", "29", "30th"),
            *("of the month", "at 9", "at 17:00", "starting jan 31", "until dec 24", "for 3 times"),
        ]
    ),
    min_size=1,
    max_size=6,
).map(" ".join)


def has_repeat(vector: Any) -> bool:
    return "repeat_rule" in vector["expect"]


def check_first_occurrence(rule: str, due_date: str) -> None:
    """Check that a rule is valid and that the due date is its first occurrence."""
    check_rule(rule, due_date, None)
    day = date.fromisoformat(due_date[:10])
    assert next(list_days(parse_rule(rule), day, last=day), None) == day


@pytest.mark.parametrize("vector", VECTORS)
def test_vector(vector: dict[str, Any]) -> None:
    assert parse_vector(vector) == vector["expect"]


@given(PLAIN_TEXTS)
def test_text_without_special_words_is_its_own_title(words: list[str]) -> None:
    text = " ".join(words)
    assert parse(text) == QuickAdd(title=text)


@given(st.text(), st.sampled_from(list_languages()))
def test_any_text_is_parsed(text: str, language: str) -> None:
    task = parse(text, language, date_order="dmy")
    assert task.title or task.errors


@given(TEXTS, st.datetimes(datetime(1, 1, 3), datetime(9998, 1, 1)))  # noqa: DTZ001 - made aware
def test_any_phrase_is_parsed_at_any_time(text: str, now: datetime) -> None:
    task = parse(text, now=now.replace(tzinfo=BERLIN))
    assert task.repeat_rule is None or task.due_date is not None


@given(TEXTS)
def test_spans_are_in_order_and_do_not_overlap(text: str) -> None:
    spans = parse(text).spans
    positions = [position for span in spans for position in (span.start, span.end)]
    assert positions == sorted(positions)
    assert all(0 <= span.start < span.end <= len(text) for span in spans)


@given(TEXTS)
def test_text_without_its_spans_is_the_title(text: str) -> None:
    task = parse(text)
    for span in reversed(task.spans):
        text = text[: span.start] + text[span.end :]
    # A backslash at the start of a word is removed, and so is a comma before a date.
    words = [word.removeprefix("\\").rstrip(",") for word in text.split()]
    title = [word.rstrip(",") for word in task.title.split()]
    assert [word for word in title if word] == [word for word in words if word]


@given(TEXTS)
def test_span_with_a_backslash_is_a_part_of_the_title(text: str) -> None:
    task = parse(text)
    escaped = text
    for span in reversed(task.spans):
        escaped = f"{escaped[: span.start]}\\{escaped[span.start :]}"
    title = parse(escaped).title
    assert all(" ".join(text[span.start : span.end].split()) in title for span in task.spans)


@pytest.mark.parametrize("vector", [each for each in VECTORS if has_repeat(each.values[0])])
def test_due_date_is_the_first_occurrence_of_the_rule(vector: dict[str, Any]) -> None:
    expected = vector["expect"]
    check_first_occurrence(expected["repeat_rule"], expected["due_date"])


@given(REPEATS, st.dates(date(1970, 1, 1), date(2100, 1, 1)))
def test_any_repeat_has_a_valid_rule_and_its_first_day(text: str, today: date) -> None:
    now = datetime.combine(today, time(10), BERLIN)
    task = parse(f"Water every {text}", now=now)
    if task.repeat_rule is not None and task.due_date is not None:
        check_first_occurrence(task.repeat_rule, task.due_date)


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("p1 tomorrow call Grace", [("priority", 0, 2), ("due_date", 3, 11)]),
        ("Go monday #a at 9", [("due_date", 3, 9), ("category", 10, 12), ("due_date", 13, 17)]),
        ("Call every day // x", [("repeat", 5, 14), ("description", 15, 19)]),
        ("Call mum, on friday", [("due_date", 10, 19)]),
        ("🏠 putzen p1", [("priority", 9, 11)]),
        ('Fix #"my home" +me', [("category", 4, 14), ("assignee", 15, 18)]),
        ("Go @a ^1 friday !1d", [("tag", 3, 5), ("parent", 6, 8), ("due_date", 9, 15),
                                   ("reminder", 16, 19)]),
    ],
)  # fmt: skip
def test_spans_are_positions_in_code_points(text: str, spans: list[tuple[str, int, int]]) -> None:
    assert parse(text).spans == spans


def test_errors_and_fields_are_both_returned() -> None:
    task = parse("Buy milk #Home #Work tomorrow")
    assert list_issues(task.errors) == [{"code": "two_category", "start": 15, "end": 20}]
    assert (task.category, task.due_date) == ("Home", "2026-11-26")


def test_each_reminder_without_a_date_is_an_error() -> None:
    assert [error.start for error in parse("Call !1d !30m").errors] == [5, 9]


def test_today_depends_on_the_time_zone() -> None:
    words = load_language("en")
    late = datetime.fromisoformat("2026-11-25T23:30:00+00:00")
    assert parse("Call today", now=late).due_date == "2026-11-26"
    task = parse_quick_add(
        "Call today", now=late, time_zone=ZoneInfo("America/New_York"), language=words
    )
    assert task.due_date == "2026-11-25"


def test_slashes_are_a_date_only_with_an_order() -> None:
    assert parse("Invoice 3/12").due_date is None
    assert parse("Invoice 3/12", date_order="mdy").due_date == "2027-03-12"


@pytest.mark.parametrize("word", ["mon", "every", "on", "daily", "2", "1.1.", "dec"])
def test_phrase_has_a_limited_number_of_words(word: str) -> None:
    """The search for a phrase at the end does not grow with the text."""
    text = "x" + f" {word}" * 600
    assert len(parse(f"{text} every {'mon ' * 100}").title) > 1000
    assert parse(f"{text} friday", now=NOW).due_date == "2026-11-27"


def test_long_quotation_marks_and_digits_are_text() -> None:
    text = '"' * 999 + " " + "1" * 900
    assert parse(text).title == text
