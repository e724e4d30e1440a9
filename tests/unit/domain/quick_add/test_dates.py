"""Dates in quick add, and how far they reach in the text."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskstead.domain.quick_add.dates import (
    find_day,
    find_month_and_day,
    find_numeric_month_and_day,
)
from taskstead.domain.quick_add.result import DateOrder
from tests.unit.domain.quick_add.vectors import BERLIN, make_sentence

MOMENTS = st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1))  # noqa: DTZ001 - made aware
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def read(text: str, now: datetime, order: DateOrder | None = None) -> date | None:
    found = find_day(make_sentence(text, now=now.replace(tzinfo=BERLIN), date_order=order), 0)
    return None if found is None else found.day


@given(MOMENTS, st.integers(0, 6))
def test_weekday_is_the_next_one_and_never_today(now: datetime, weekday: int) -> None:
    today = now.date()
    coming = [today + timedelta(days=offset) for offset in range(1, 8)]
    assert read(WEEKDAYS[weekday], now) == next(d for d in coming if d.weekday() == weekday)


@given(MOMENTS, st.integers(0, 6))
def test_next_weekday_is_in_the_week_after_this_one(now: datetime, weekday: int) -> None:
    day = now.date()
    # Leaves this week, which ends on Sunday.
    while (day := day + timedelta(days=1)).weekday() != 0:
        pass
    assert read(f"next {WEEKDAYS[weekday]}", now) == day + timedelta(days=weekday)


@given(MOMENTS)
def test_next_month_and_year_begin_on_their_first_day(now: datetime) -> None:
    day = now.date()
    while (day := day + timedelta(days=1)).day != 1:
        pass
    assert read("next month", now) == day
    assert read("next year", now) == date(now.year + 1, 1, 1)
    assert read("end of month", now) == day - timedelta(days=1)
    assert read("end of year", now) == date(now.year + 1, 1, 1) - timedelta(days=1)


@given(MOMENTS, st.integers(1, 999))
def test_days_and_weeks_are_counted_from_today(now: datetime, number: int) -> None:
    assert read(f"in {number} days", now) == now.date() + timedelta(days=number)
    assert read(f"in {number} weeks", now) == now.date() + timedelta(days=7 * number)


@given(MOMENTS, st.dates(date(1000, 1, 1), date(9999, 12, 31)))
def test_full_date_means_itself(now: datetime, day: date) -> None:
    assert read(day.isoformat(), now) == day
    assert read(f"{day:%d.%m.%Y}", now) == day
    assert read(f"{day:%d/%m/%Y}", now, "dmy") == day
    assert read(f"{day:%m/%d/%Y}", now, "mdy") == day


def test_hours_are_added_to_the_instant() -> None:
    # Clocks are turned back at 03:00 in this night.
    sentence = make_sentence("in 3 hours", now=datetime.fromisoformat("2026-10-25T00:30+02:00"))
    found = find_day(sentence, 0)
    assert found is not None
    assert (found.day, found.minutes) == (date(2026, 10, 25), 2 * 60 + 30)
    assert not found.accepts_time


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("day after tomorrow x", 3),
        ("this friday x", 2),
        ("dec 1 2027 x", 3),
        ("dec 1 x", 2),
        ("1st of december 12", 3),
        ("in two hours x", 3),
    ],
)
def test_date_ends_before_the_next_word(text: str, end: int) -> None:
    found = find_day(make_sentence(text), 0)
    assert found is not None
    assert found.end == end


@pytest.mark.parametrize("text", ["feb 30", "2026-13-01", "31.11.", "2026-00-10", "feb 29 2027"])
def test_missing_day_is_reported(text: str) -> None:
    found = find_day(make_sentence(text), 0)
    assert found is not None
    assert found.day is None


@pytest.mark.parametrize(
    "text", ["", "may", "may i", "dec 32", "next", "next x", "in", "in 3", "1.13.", "3/12", "1.2.3"]
)
def test_other_text_is_no_date(text: str) -> None:
    assert find_day(make_sentence(text), 0) is None


def test_date_after_the_year_9999_is_out_of_range() -> None:
    with pytest.raises((OverflowError, ValueError)):
        find_day(make_sentence("in 9999 years"), 0)


def test_month_comes_first_only_in_some_languages() -> None:
    assert find_month_and_day(make_sentence("mai 5", "de"), 0) is None
    assert find_month_and_day(make_sentence("5. mai", "de"), 0) == (5, 5, 2)
    assert find_month_and_day(make_sentence("may 5th"), 0) == (5, 5, 2)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("24.12.", (12, 24, 1)), ("24.12.2027", None), ("24.13.", None), ("24.12", None)],
)
def test_numeric_date_of_each_year(text: str, expected: tuple[int, int, int] | None) -> None:
    assert find_numeric_month_and_day(make_sentence(text), 0) == expected
