"""Ranges of days in statistics."""

import re
from datetime import date, timedelta
from typing import NamedTuple

from taskstead.errors import FieldError, ValidationFailedError

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)
# The first and last accepted day. Between them, times can be converted to any time zone without an
# overflow.
_FIRST, _LAST = date(1970, 1, 1), date(9998, 12, 31)
_DEFAULT_DAYS = 30
_MAX_DAYS = 366


class DayRange(NamedTuple):
    """A range of days, both ends included."""

    first: date
    last: date

    def list_days(self) -> list[date]:
        """Return all days in order."""
        count = (self.last - self.first).days + 1
        return [self.first + timedelta(days=offset) for offset in range(count)]


def parse_day(text: str) -> date:
    """Parse a day, for example ``2026-12-01``.

    Raises:
        ValueError: the text is not a date, or the date is before 1970 or after 9998.
    """
    # The pattern is needed because fromisoformat also accepts week dates and dates without dashes.
    if not _DATE.match(text) or not _FIRST <= (day := date.fromisoformat(text)) <= _LAST:
        raise ValueError("not a date from 1970 to 9998")
    return day


def resolve_days(first_day: str | None, last_day: str | None, today: date) -> DayRange:
    """Return the range of days of a statistics request, with defaults.

    Args:
        first_day: the first day; None for 29 days before the last one.
        last_day: the last day; None for today.
        today: the current day.

    Raises:
        ValidationFailedError: the range is reversed or too long.
    """
    last = today if last_day is None else parse_day(last_day)
    if first_day is None:
        return DayRange(max(last - timedelta(days=_DEFAULT_DAYS - 1), _FIRST), last)
    first = parse_day(first_day)
    if not 0 <= (last - first).days < _MAX_DAYS:
        message = f"The range from `from` to `to` ({last}) must have 1 to {_MAX_DAYS} days."
        field_error = FieldError("query/from", message, "range")
        raise ValidationFailedError(message, errors=[field_error])
    return DayRange(first, last)
