"""Calendar arithmetic, compared with counting days."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskstead.domain.quick_add.days import (
    add_months,
    clamp_day,
    find_day_of_year,
    find_nth_weekday,
    find_weekday_after,
    find_weekday_from,
    find_weekday_of_next_week,
    find_weekend,
    get_month_length,
    make_day,
)

DAYS = st.dates(date(1900, 1, 1), date(2200, 1, 1))
WEEKDAYS = st.integers(0, 6)


def count_days_of_month(year: int, month: int) -> int:
    """Return the length of a month by the rule of the calendar."""
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in {4, 6, 9, 11} else 31


@given(DAYS)
def test_month_length(day: date) -> None:
    assert get_month_length(day.year, day.month) == count_days_of_month(day.year, day.month)


@given(st.integers(1, 9999), st.integers(0, 13), st.integers(0, 32))
def test_day_exists_within_its_month(year: int, month: int, day: int) -> None:
    exists = 1 <= month <= 12 and 1 <= day <= count_days_of_month(year, month)
    assert (make_day(year, month, day) is not None) == exists


@given(DAYS, st.integers(0, 500))
def test_months_are_added_with_the_day_or_the_last_day(day: date, months: int) -> None:
    later = add_months(day, months)
    assert later.year * 12 + later.month == day.year * 12 + day.month + months
    assert later.day == min(day.day, count_days_of_month(later.year, later.month))


def test_day_is_clamped_to_the_end_of_the_month() -> None:
    assert clamp_day(2027, 2, 31) == date(2027, 2, 28)
    assert clamp_day(2027, 2, 3) == date(2027, 2, 3)


@given(DAYS, WEEKDAYS)
def test_weekday_from_a_day_is_within_seven_days(day: date, weekday: int) -> None:
    found = find_weekday_from(day, weekday)
    assert found.weekday() == weekday
    assert 0 <= (found - day).days <= 6


@given(DAYS, WEEKDAYS)
def test_weekday_after_a_day_is_never_that_day(day: date, weekday: int) -> None:
    found = find_weekday_after(day, weekday)
    assert found.weekday() == weekday
    assert 1 <= (found - day).days <= 7


@given(DAYS, WEEKDAYS)
def test_weekday_of_next_week_is_in_the_next_iso_week(day: date, weekday: int) -> None:
    found = find_weekday_of_next_week(day, weekday)
    following = day + timedelta(days=7)
    assert found.isocalendar()[:2] == following.isocalendar()[:2]
    assert found.weekday() == weekday


@pytest.mark.parametrize(
    ("today", "weekend"),
    [(23, 28), (27, 28), (28, 28), (29, 29)],
)
def test_weekend_is_saturday_or_today_on_sunday(today: int, weekend: int) -> None:
    assert find_weekend(date(2026, 11, today)) == date(2026, 11, weekend)


@given(DAYS, st.integers(1, 12), st.integers(1, 31))
def test_day_of_year_is_the_first_one_from_today(today: date, month: int, day: int) -> None:
    found = find_day_of_year(today, month, day)
    if day > count_days_of_month(2000, month):
        assert found is None
        return
    assert found is not None
    assert (found.month, found.day) == (month, day)
    assert found >= today
    earlier = range(today.year, found.year)
    assert all((made := make_day(year, month, day)) is None or made < today for year in earlier)


@pytest.mark.parametrize(("month", "day"), [(0, 1), (13, 1), (1, 0), (1, 32), (2, 30)])
def test_day_of_no_year_is_not_found(month: int, day: int) -> None:
    assert find_day_of_year(date(2026, 1, 1), month, day) is None


@given(DAYS, WEEKDAYS, st.integers(1, 5))
def test_nth_weekday_of_a_month(day: date, weekday: int, number: int) -> None:
    found = find_nth_weekday(day.year, day.month, (weekday,), number)
    if found is None:
        assert number == 5
        return
    assert found.weekday() == weekday
    assert (found.year, found.month) == (day.year, day.month)
    assert (found.day - 1) // 7 == number - 1


@given(DAYS, WEEKDAYS)
def test_last_weekday_is_in_the_last_seven_days(day: date, weekday: int) -> None:
    found = find_nth_weekday(day.year, day.month, (weekday,), -1)
    assert found is not None
    assert found.weekday() == weekday
    assert (found + timedelta(days=7)).month != found.month


def test_last_workday_of_a_month_that_ends_on_sunday() -> None:
    assert find_nth_weekday(2027, 1, (0, 1, 2, 3, 4), -1) == date(2027, 1, 29)
