"""Moments in filters: parsing, and resolution for a current time. Weeks begin on Monday."""

import calendar
import re
from datetime import UTC, date, datetime, timedelta, tzinfo

from taskstead.domain.due_dates import parse_due_date
from taskstead.domain.filters.nodes import Moment, MomentKind, Point

_RELATIVE = re.compile(r"([+-])([0-9]{1,5})([hdwmy])")
_UNITS: dict[str, tuple[MomentKind, int]] = {
    "h": ("hours", 1),
    "d": ("days", 1),
    "w": ("days", 7),
    "m": ("months", 1),
    "y": ("months", 12),
}
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WORDS: dict[str, Moment] = {
    "yesterday": Moment("days", -1),
    "today": Moment("days", 0),
    "tomorrow": Moment("days", 1),
    **{name: Moment("weekday", number) for number, name in enumerate(_WEEKDAYS)},
    "last-week": Moment("week", -1),
    "week": Moment("week", 0),
    "next-week": Moment("week", 1),
    "last-month": Moment("month", -1),
    "month": Moment("month", 0),
    "next-month": Moment("month", 1),
}
_DAYS_OF_WEEK = 7
_MONTHS_OF_YEAR = 12

EXPECTED_MOMENTS = (*_WORDS, "+7d", "-2w", "+1m", "+1y", "+2h", "2026-12-01", "2026-12-01T09:00")
"""The words that stand for moments, and an example of each other form."""


def parse_moment(text: str) -> Moment | None:
    """Parse a moment; return None if the text is none, or the day or time does not exist."""
    word = _WORDS.get(text.lower())
    if word is not None:
        return word
    relative = _RELATIVE.fullmatch(text.lower())
    if relative is not None:
        sign, digits, unit = relative.groups()
        kind, factor = _UNITS[unit]
        amount = int(digits) * factor
        return Moment(kind, -amount if sign == "-" else amount)
    try:
        parse_due_date(text)
    except ValueError:
        return None
    return Moment("fixed", text=text)


def resolve_moment(moment: Moment, now: datetime, zone: tzinfo) -> tuple[Point, Point]:
    """Return the first and the last day of a period. For other moments, both are the same.

    Args:
        moment: the moment.
        now: the current time.
        zone: the time zone of days and of times without an offset.
    """
    if moment.kind == "fixed":
        point = Point(moment.text, moment.text)
        return point, point
    if moment.kind == "hours":
        point = _resolve_hours(moment.amount, now, zone)
        return point, point
    today = now.astimezone(zone).date()
    if moment.kind == "week":
        monday = _add_days(today, _DAYS_OF_WEEK * moment.amount - today.weekday())
        return _make_day(monday), _make_day(_add_days(monday, _DAYS_OF_WEEK - 1))
    if moment.kind == "month":
        first = _add_months(today.replace(day=1), moment.amount)
        days = calendar.monthrange(first.year, first.month)[1]
        return _make_day(first), _make_day(first.replace(day=days))
    if moment.kind == "weekday":
        # The next such day after today: one to seven days from today.
        distance = (moment.amount - today.weekday() - 1) % _DAYS_OF_WEEK + 1
        day = _add_days(today, distance)
    elif moment.kind == "months":
        day = _add_months(today, moment.amount)
    else:
        day = _add_days(today, moment.amount)
    return _make_day(day), _make_day(day)


def _make_day(day: date) -> Point:
    return Point(day.isoformat(), day.isoformat())


def _resolve_hours(hours: int, now: datetime, zone: tzinfo) -> Point:
    instant = (now + timedelta(hours=hours)).replace(microsecond=0)
    local = instant.astimezone(zone).replace(tzinfo=None)
    exact = instant.astimezone(UTC).replace(tzinfo=None)
    return Point(local.isoformat(), f"{exact.isoformat()}Z")


# A day before the year 1 or after 9999 becomes the first or the last day that can be represented.


def _add_days(day: date, days: int) -> date:
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return date.min if days < 0 else date.max


def _add_months(day: date, months: int) -> date:
    """Add months. If the month of the result is shorter, the result is its last day."""
    year, month = divmod(day.year * _MONTHS_OF_YEAR + day.month - 1 + months, _MONTHS_OF_YEAR)
    if year < date.min.year:
        return date.min
    if year > date.max.year:
        return date.max
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))
