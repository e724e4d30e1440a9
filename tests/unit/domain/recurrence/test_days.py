"""The days of a rule, compared with an independent enumeration and with python-dateutil."""

from datetime import date, datetime
from itertools import islice

import pytest
from dateutil.rrule import rrulestr
from hypothesis import assume, example, given
from hypothesis import strategies as st

from taskstead.domain.recurrence.days import (
    add_periods,
    get_end_of_period,
    list_days,
    list_periods,
)
from taskstead.domain.recurrence.rules import Frequency, Rule, parse_rule
from tests.unit.domain.recurrence.enumeration import (
    DAY,
    SEARCHED_DAYS,
    Parts,
    list_all_days,
    rules,
    starts,
)


def list_texts(rule: str, start: str, number: int) -> list[str]:
    days = list_days(parse_rule(rule), date.fromisoformat(start))
    return [day.isoformat() for day in islice(days, number)]


@given(rules(), starts())
@example(Parts("MONTHLY", by_day=((0, "MO"), (2, "TU"))), date(2026, 11, 30))
@example(Parts("YEARLY", by_month=(12,), by_day=((53, "MO"), (1, "MO"))), date(2026, 11, 30))
@example(Parts("WEEKLY", by_day=((0, "MO"), (0, "WE")), by_set_pos=(1,)), date(2026, 11, 25))
def test_days_agree_with_enumeration(parts: Parts, start: date) -> None:
    last = start + (SEARCHED_DAYS[parts.freq] - 1) * DAY
    days = list_days(parse_rule(parts.text), start, last=last)
    assert list(days) == list(list_all_days(parts, start))


@given(rules(), starts(), st.integers(0, 2000))
def test_iteration_can_begin_at_any_day(parts: Parts, start: date, offset: int) -> None:
    rule, after = parse_rule(parts.text), start + offset * DAY
    last = after + 1500 * DAY
    expected = [day for day in list_days(rule, start, last=last) if day > after]
    assert list(list_days(rule, start, after=after, last=last)) == expected


def is_comparable(parts: Parts) -> bool:
    """Return whether python-dateutil follows RFC 5545 for a rule."""
    is_mixed = len({position == 0 for position, _ in parts.by_day}) > 1
    is_weekly_set = parts.freq == "WEEKLY" and bool(parts.by_set_pos)
    has_large_position = any(abs(position) > 5 for position, _ in parts.by_day)
    is_in_month = parts.freq == "MONTHLY" or bool(parts.by_month)
    return not (is_mixed or is_weekly_set or (has_large_position and is_in_month))


@given(rules(), starts())
def test_days_agree_with_dateutil(parts: Parts, start: date) -> None:
    assume(is_comparable(parts))
    days = list_days(parse_rule(parts.text), start, last=start + 8000 * DAY)
    # dateutil searches until the year 9999 if no day is left.
    first = list(islice(days, 8))
    expected = rrulestr(parts.text, dtstart=datetime.combine(start, datetime.min.time()))
    assert [day.date() for day in islice(expected, len(first))] == first


@pytest.mark.parametrize(
    ("rule", "start", "expected"),
    [
        ("FREQ=DAILY", "9999-12-30", ["9999-12-30", "9999-12-31"]),
        ("FREQ=WEEKLY;BYDAY=MO", "9999-12-20", ["9999-12-20", "9999-12-27"]),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "9999-11-30", ["9999-11-30", "9999-12-31"]),
        ("FREQ=YEARLY", "9998-12-31", ["9998-12-31", "9999-12-31"]),
        ("FREQ=DAILY;INTERVAL=1000", "9999-12-31", ["9999-12-31"]),
        ("FREQ=YEARLY;INTERVAL=1000", "9999-12-31", ["9999-12-31"]),
        ("FREQ=WEEKLY;BYMONTH=1", "9999-12-25", []),
        ("FREQ=DAILY;BYMONTH=1", "9999-12-25", []),
    ],
)
def test_calendar_ends_with_year_9999(rule: str, start: str, expected: list[str]) -> None:
    assert list_texts(rule, start, 3) == expected


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("FREQ=DAILY", ["0001-01-01", "0001-01-02"]),
        ("FREQ=WEEKLY;BYDAY=SU,MO;WKST=SU", ["0001-01-01", "0001-01-07"]),
        ("FREQ=WEEKLY;BYDAY=SU,WE;WKST=TH", ["0001-01-03", "0001-01-07"]),
        ("FREQ=MONTHLY;BYDAY=-1MO", ["0001-01-29", "0001-02-26"]),
        ("FREQ=YEARLY", ["0001-01-01", "0002-01-01"]),
    ],
)
def test_calendar_begins_with_year_1(rule: str, expected: list[str]) -> None:
    assert list_texts(rule, "0001-01-01", 2) == expected


# The largest numbers of periods between two occurrences: 400 years, in which the calendar repeats.
MAX_STEPS = {"WEEKLY": 20_873, "MONTHLY": 4802, "YEARLY": 402}


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=MONTHLY;BYDAY=5MO;BYMONTHDAY=1",
        "FREQ=MONTHLY;INTERVAL=12;BYMONTH=1",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=YEARLY;BYDAY=MO;BYSETPOS=54",
        "FREQ=WEEKLY;BYDAY=MO;BYSETPOS=2",
        "FREQ=WEEKLY;BYDAY=MO;BYSETPOS=2;BYMONTH=2",
    ],
)
def test_search_without_result_ends(rule: str) -> None:
    parsed, start = parse_rule(rule), date(1, 12, 15)
    periods = list_periods(parsed, start, start.toordinal(), date.max.toordinal())
    lengths = [len(days) for days in islice(periods, MAX_STEPS[parsed.frequency])]
    assert sum(lengths) == 0
    assert len(lengths) < MAX_STEPS[parsed.frequency]


@pytest.mark.parametrize(
    ("rule", "steps"),
    [
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", 12 * 9999),
        ("FREQ=DAILY;INTERVAL=7;BYDAY=TU", 12 * 9999),
        ("FREQ=DAILY;INTERVAL=1000;BYMONTHDAY=31;BYDAY=MO;BYMONTH=3", 3653),
        ("FREQ=DAILY;BYDAY=MO;BYSETPOS=2", 0),
    ],
)
def test_daily_search_looks_at_each_month_once(rule: str, steps: int) -> None:
    start = date(1, 1, 1)
    periods = list_periods(parse_rule(rule), start, start.toordinal(), date.max.toordinal())
    assert sum(1 for _ in periods) <= steps


@given(rules(), starts())
def test_search_within_years_is_short(parts: Parts, start: date) -> None:
    last = start.replace(year=start.year + 12, day=1)
    periods = list_periods(parse_rule(parts.text), start, start.toordinal(), last.toordinal())
    # 12 years have 627 weeks. A part of a week that is not in BYMONTH may be one more.
    assert sum(1 for _ in periods) <= 628 + 145


@pytest.mark.parametrize(
    ("frequency", "week_start", "expected"),
    [
        ("DAILY", 0, "2026-02-11"),
        ("WEEKLY", 0, "2026-02-15"),
        ("WEEKLY", 6, "2026-02-14"),
        ("WEEKLY", 2, "2026-02-17"),
        ("WEEKLY", 3, "2026-02-11"),
        ("MONTHLY", 0, "2026-02-28"),
        ("YEARLY", 0, "2026-12-31"),
    ],
)
def test_end_of_the_period_that_contains_a_day(
    frequency: Frequency, week_start: int, expected: str
) -> None:
    rule = Rule(frequency, week_start=week_start)
    assert get_end_of_period(rule, date(2026, 2, 11)).isoformat() == expected


def test_end_of_the_last_week_is_in_the_calendar() -> None:
    assert get_end_of_period(Rule("WEEKLY"), date.max) == date.max


@pytest.mark.parametrize(
    ("rule", "day", "number", "expected"),
    [
        ("FREQ=DAILY;INTERVAL=3", "2028-02-27", 1, "2028-03-01"),
        ("FREQ=WEEKLY;INTERVAL=2", "2026-12-20", 2, "2027-01-17"),
        ("FREQ=MONTHLY", "2027-01-31", 1, "2027-02-28"),
        ("FREQ=MONTHLY", "2028-01-31", 1, "2028-02-29"),
        ("FREQ=MONTHLY", "2027-01-31", 2, "2027-03-31"),
        ("FREQ=MONTHLY;INTERVAL=11", "2026-12-31", 1, "2027-11-30"),
        ("FREQ=MONTHLY;INTERVAL=1000", "2026-12-31", 1, "2110-04-30"),
        ("FREQ=YEARLY", "2028-02-29", 1, "2029-02-28"),
        ("FREQ=YEARLY", "2028-02-29", 4, "2032-02-29"),
        ("FREQ=DAILY", "9999-12-30", 1, "9999-12-31"),
        ("FREQ=MONTHLY", "9999-11-30", 1, "9999-12-30"),
    ],
)
def test_intervals_are_added(rule: str, day: str, number: int, expected: str) -> None:
    added = add_periods(parse_rule(rule), date.fromisoformat(day), number)
    assert added == date.fromisoformat(expected)


@pytest.mark.parametrize("frequency", ["DAILY", "WEEKLY", "MONTHLY", "YEARLY"])
def test_sum_after_year_9999_does_not_exist(frequency: Frequency) -> None:
    assert add_periods(Rule(frequency), date.max, 1) is None
