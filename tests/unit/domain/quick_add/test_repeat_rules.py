"""Repeat rules and their first day, compared with testing each day against the rule's text."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskstead.domain.quick_add.repeat_rules import (
    RepeatRule,
    find_first_day,
    format_rule,
    keep_day_of_month,
)

DAYS = st.dates(date(1970, 1, 1), date(2200, 1, 1))
WEEKDAYS = st.integers(0, 6)
NAMES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
# The longest time without a day that matches, for the fifth weekday of a month.
MAX_GAP = 366
RULES = st.one_of(
    st.builds(
        lambda days: RepeatRule("week", weekdays=tuple(sorted(days))), st.sets(WEEKDAYS, min_size=1)
    ),
    st.builds(
        lambda day, position: RepeatRule("month", weekdays=(day,), position=position),
        WEEKDAYS,
        st.sampled_from([1, 2, 3, 4, 5, -1]),
    ),
    st.builds(lambda day: RepeatRule("month", month_day=day), st.integers(1, 31)),
    st.just(RepeatRule("month", month_day=-1)),
    st.just(RepeatRule("month", weekdays=(0, 1, 2, 3, 4), position=-1)),
    st.builds(
        lambda day: RepeatRule("year", month=day.month, month_day=day.day),
        st.dates(date(2000, 1, 1), date(2000, 12, 31)),
    ),
)


def list_days_of_month(day: date) -> list[date]:
    first = day.replace(day=1)
    days = (first + timedelta(days=offset) for offset in range(31))
    return [each for each in days if each.month == day.month]


def matches(text: str, day: date) -> bool:
    """Return whether a day matches all BY parts of a rule. It reads the text of the rule only."""
    parts = dict(part.split("=") for part in text.split(";"))
    if "BYMONTH" in parts and day.month != int(parts["BYMONTH"]):
        return False
    is_monthly = parts["FREQ"] != "WEEKLY"
    candidates = list_days_of_month(day) if is_monthly else [day]
    if "BYMONTHDAY" in parts:
        wanted = {int(number) for number in parts["BYMONTHDAY"].split(",")}
        last = len(candidates)
        candidates = [each for each in candidates if wanted & {each.day, each.day - last - 1}]
    if "BYDAY" in parts:
        named = parts["BYDAY"].split(",")
        candidates = [each for each in candidates if NAMES[each.weekday()] in parts["BYDAY"]]
        if len(named[0]) > 2:
            parts["BYSETPOS"] = named[0][:-2]
    if "BYSETPOS" in parts:
        position = int(parts["BYSETPOS"])
        index = position - 1 if position > 0 else len(candidates) + position
        candidates = candidates[index : index + 1]
    return day in candidates


@given(RULES, DAYS)
def test_first_day_is_the_first_that_matches_the_rule(rule: RepeatRule, start: date) -> None:
    text = format_rule(rule)
    days = (start + timedelta(days=offset) for offset in range(MAX_GAP))
    assert find_first_day(rule, start) == next(day for day in days if matches(text, day))


@given(st.sampled_from(["day", "week", "month", "year"]), DAYS)
def test_rule_without_days_begins_at_once(unit: str, start: date) -> None:
    assert find_first_day(RepeatRule(unit, 3), start) == start


def test_first_day_after_the_year_9999_is_out_of_range() -> None:
    with pytest.raises((OverflowError, ValueError)):
        find_first_day(RepeatRule("week", weekdays=(0,)), date(9999, 12, 31))


def test_parts_are_in_the_order_of_the_standard() -> None:
    rule = RepeatRule("year", 2, month=2, month_day=29)
    assert format_rule(rule, count=3, until="20401231") == (
        "FREQ=YEARLY;INTERVAL=2;COUNT=3;UNTIL=20401231;BYMONTH=2;BYMONTHDAY=28,29;BYSETPOS=-1"
    )


@pytest.mark.parametrize(
    ("rule", "day", "expected"),
    [
        (RepeatRule("month"), "2027-01-31", "FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1"),
        (RepeatRule("month", 3), "2027-01-28", "FREQ=MONTHLY;INTERVAL=3"),
        (RepeatRule("year"), "2028-02-29", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=28,29;BYSETPOS=-1"),
        (RepeatRule("year"), "2027-01-31", "FREQ=YEARLY"),
        (RepeatRule("day"), "2027-01-31", "FREQ=DAILY"),
        (RepeatRule("month", month_day=-1), "2027-01-31", "FREQ=MONTHLY;BYMONTHDAY=-1"),
    ],
)
def test_day_of_the_start_is_kept_in_short_months(
    rule: RepeatRule, day: str, expected: str
) -> None:
    assert format_rule(keep_day_of_month(rule, date.fromisoformat(day))) == expected
