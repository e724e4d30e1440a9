"""Dates in quick add: "today", "next friday", "in 3 days", "dec 1 2027", "1.12.", "3/12"."""

import re
from datetime import UTC, date, timedelta
from typing import NamedTuple

from taskstead.domain.quick_add.days import (
    MONDAY,
    SATURDAY,
    add_months,
    find_day_of_year,
    find_weekday_after,
    find_weekday_of_next_week,
    find_weekend,
    get_month_length,
    make_day,
)
from taskstead.domain.quick_add.sentence import Sentence

# Minutes after midnight of "tonight".
_TONIGHT = 20 * 60
_ISO = re.compile("([0-9]{4})-([0-9]{2})-([0-9]{2})")
_DOTTED = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4}|[0-9]{2})?")
_SLASHED = re.compile("([0-9]{1,2})/([0-9]{1,2})(?:/([0-9]{4}|[0-9]{2}))?")
_YEAR = re.compile("[0-9]{4}")
_MONTHS_PER_UNIT = {"month": 1, "quarter": 3, "year": 12}
_DAYS_PER_UNIT = {"day": 1, "week": 7}
_MINUTES_PER_UNIT = {"minute": 1, "hour": 60}


class Day(NamedTuple):
    """A recognised date.

    Attributes:
        day: the date; None if there is no such day, for example 30 February.
        end: index after its last word.
        minutes: the time in minutes after midnight, if the date implies one.
        part: the start of the part of the day that a following time belongs to.
        accepts_time: false if no time may follow, as after "in two hours".
        is_next: whether it is the next such day, as for "friday" and "dec 1".
    """

    day: date | None
    end: int
    minutes: int | None = None
    part: int | None = None
    accepts_time: bool = True
    is_next: bool = False


def find_day(sentence: Sentence, index: int) -> Day | None:
    """Return the date at an index.

    Raises:
        ValueError, OverflowError: the date is after the year 9999.
    """
    if not sentence.get_key(index):
        return None
    return (
        _find_named_day(sentence, index)
        or _find_weekday(sentence, index)
        or _find_interval(sentence, index)
        or _find_numeric_date(sentence, index)
        or _find_date_with_month(sentence, index)
    )


def _find_named_day(sentence: Sentence, index: int) -> Day | None:
    found = sentence.language.dates.find(sentence.keys, index)
    if found is None:
        return None
    name, end = found
    if name == "next_week":
        return _find_day_of_next_week(sentence, end)
    day = _get_named_day(name, sentence.today)
    if name == "tonight":
        return Day(day, end, minutes=_TONIGHT, part=_TONIGHT)
    return Day(day, end)


def _find_day_of_next_week(sentence: Sentence, end: int) -> Day:
    """Return the weekday after "next week", as in "next week on friday", or the first day."""
    after_lead_in = sentence.language.lead_ins.skip(sentence.keys, end)
    named = _read_weekday(sentence, end if after_lead_in is None else after_lead_in)
    if named is None:
        return Day(find_weekday_of_next_week(sentence.today, MONDAY), end)
    return _make_weekday(find_weekday_of_next_week(sentence.today, named.weekday), named)


class _Weekday(NamedTuple):
    """A weekday: 0 for Monday, the minutes of a part of the day, and the index after it."""

    weekday: int
    minutes: int | None
    end: int


def _read_weekday(sentence: Sentence, index: int) -> _Weekday | None:
    """Return the weekday that a word means, such as "friday" or "montagabend"."""
    language = sentence.language
    key = sentence.get_key(index)
    weekday = language.weekdays.get(key)
    if weekday is not None:
        return _Weekday(weekday, None, index + 1)
    if key not in language.joined_parts:
        return None
    weekday, minutes = language.joined_parts[key]
    return _Weekday(weekday, minutes, index + 1)


def _make_weekday(
    day: date, named: _Weekday, end: int | None = None, *, is_next: bool = False
) -> Day:
    """Return a day that a weekday names. The phrase ends after the weekday, or at ``end``."""
    minutes = named.minutes
    return Day(day, end or named.end, minutes=minutes, part=minutes, is_next=is_next)


def _get_named_day(name: str, today: date) -> date:
    if name in {"today", "tonight"}:
        return today
    if name == "tomorrow":
        return today + timedelta(days=1)
    if name == "day_after_tomorrow":
        return today + timedelta(days=2)
    if name in {"weekend", "next_weekend"}:
        is_next = name == "next_weekend"
        return find_weekday_of_next_week(today, SATURDAY) if is_next else find_weekend(today)
    return _get_day_of_period(name, today)


def _get_day_of_period(name: str, today: date) -> date:
    """Return the first day of the next month or year, or the last day of this one."""
    if name == "next_month":
        return add_months(today.replace(day=1), 1)
    if name == "next_year":
        return date(today.year + 1, 1, 1)
    if name == "end_of_month":
        return today.replace(day=get_month_length(today.year, today.month))
    return date(today.year, 12, 31)


def _find_weekday(sentence: Sentence, index: int) -> Day | None:
    language = sentence.language
    key = sentence.get_key(index)
    is_next = key in language.next
    if is_next or key in language.this:
        index += 1
    named = _read_weekday(sentence, index)
    if named is None:
        return None
    if is_next:
        return _make_weekday(find_weekday_of_next_week(sentence.today, named.weekday), named)
    return _find_date_of_weekday(sentence, named) or _make_weekday(
        find_weekday_after(sentence.today, named.weekday), named, is_next=True
    )


def _find_date_of_weekday(sentence: Sentence, named: _Weekday) -> Day | None:
    """Return the day of "friday next week" or "friday, 4 dec"; None if no date follows.

    A date that is another weekday is not a part of the phrase.
    """
    found = sentence.language.dates.find(sentence.keys, named.end)
    if found is not None and found[0] == "next_week":
        day = find_weekday_of_next_week(sentence.today, named.weekday)
        return _make_weekday(day, named, found[1])
    after_lead_in = sentence.language.lead_ins.skip(sentence.keys, named.end)
    index = named.end if after_lead_in is None else after_lead_in
    date_after = _find_numeric_date(sentence, index) or _find_date_with_month(sentence, index)
    if date_after is None or date_after.day is None or date_after.day.weekday() != named.weekday:
        return None
    return _make_weekday(date_after.day, named, date_after.end)


def _find_interval(sentence: Sentence, index: int) -> Day | None:
    """Return the date of "in 3 days", or the date and time of "in two hours"."""
    if sentence.get_key(index) not in sentence.language.in_:
        return None
    number = sentence.read_number(index + 1)
    unit = sentence.language.units.get(sentence.get_key(index + 2))
    if number is None or unit is None:
        return None
    if unit in _MINUTES_PER_UNIT:
        return _add_minutes(sentence, number * _MINUTES_PER_UNIT[unit], index + 3)
    if unit in _DAYS_PER_UNIT:
        return Day(sentence.today + timedelta(days=number * _DAYS_PER_UNIT[unit]), index + 3)
    return Day(add_months(sentence.today, number * _MONTHS_PER_UNIT[unit]), index + 3)


def _add_minutes(sentence: Sentence, minutes: int, end: int) -> Day:
    # Added in UTC, because a local day may have 23 or 25 hours.
    later = sentence.now.astimezone(UTC) + timedelta(minutes=minutes)
    local = later.astimezone(sentence.now.tzinfo)
    time = local.hour * 60 + local.minute
    return Day(local.date(), end, minutes=time, accepts_time=False)


def _find_numeric_date(sentence: Sentence, index: int) -> Day | None:
    key = sentence.get_key(index)
    iso = _ISO.fullmatch(key)
    if iso is not None:
        return Day(make_day(int(iso[1]), int(iso[2]), int(iso[3])), index + 1)
    dotted = _DOTTED.fullmatch(key)
    if dotted is not None:
        return _read_numbers(sentence, dotted[1], dotted[2], dotted[3], index + 1)
    slashed = _SLASHED.fullmatch(key) if sentence.date_order is not None else None
    if slashed is None:
        return None
    if sentence.date_order == "mdy":
        return _read_numbers(sentence, slashed[2], slashed[1], slashed[3], index + 1)
    return _read_numbers(sentence, slashed[1], slashed[2], slashed[3], index + 1)


def _read_numbers(
    sentence: Sentence, day: str, month: str, year: str | None, end: int
) -> Day | None:
    """Return the date that numbers mean; None if they cannot be a day and a month."""
    if not 1 <= int(day) <= 31 or not 1 <= int(month) <= 12:
        return None
    if year is None or len(year) == 4:
        return Day(_find_date(sentence, int(month), int(day), year), end, is_next=year is None)
    # "3.11.14" is a version rather than a date in the past.
    found = make_day(2000 + int(year), int(month), int(day))
    return None if found is None or found < sentence.today else Day(found, end)


def _find_date_with_month(sentence: Sentence, index: int) -> Day | None:
    """Return the date of "dec 1", "1 dec" or "1st of december", with or without a year."""
    found = find_month_and_day(sentence, index)
    if found is None:
        return None
    month, day, end = found
    year = sentence.get_key(end)
    if _YEAR.fullmatch(year):
        return Day(_find_date(sentence, month, day, year), end + 1)
    return Day(_find_date(sentence, month, day, None), end, is_next=True)


def find_month_and_day(sentence: Sentence, index: int) -> tuple[int, int, int] | None:
    """Return the month and the day at an index, and the index after them."""
    language = sentence.language
    month = language.months.get(sentence.get_key(index))
    if month is not None:
        day = sentence.read_day_number(index + 1) if language.month_before_day else None
        return None if day is None else (month, day, index + 2)
    day = sentence.read_day_number(index)
    if day is None:
        return None
    index += 2 if sentence.get_key(index + 1) in language.of else 1
    month = language.months.get(sentence.get_key(index))
    return None if month is None else (month, day, index + 1)


def find_numeric_month_and_day(sentence: Sentence, index: int) -> tuple[int, int, int] | None:
    """Return month and day of a date with dots and without a year, and the index after it."""
    dotted = _DOTTED.fullmatch(sentence.get_key(index))
    if dotted is None or dotted[3] is not None or not 1 <= int(dotted[2]) <= 12:
        return None
    return int(dotted[2]), int(dotted[1]), index + 1


def _find_date(sentence: Sentence, month: int, day: int, year: str | None) -> date | None:
    """Return a date of a year, or the first such day from today on."""
    if year is None:
        return find_day_of_year(sentence.today, month, day)
    return make_day(int(year), month, day)
