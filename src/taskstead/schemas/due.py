"""Due dates in their three kinds (RFC 3339 for the notation, iCalendar for the kinds).

- a date, ``2026-12-01``: due that whole day, wherever its owner is;
- floating, ``2026-12-01T09:00:00``: nine o'clock wherever its owner is;
- an instant, ``2026-12-01T09:00:00+01:00``: that moment everywhere.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from pydantic_core import PydanticCustomError

_DATE_PART = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_TIME_PART = r"[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})?"
DUE_PATTERN = f"^{_DATE_PART}(T{_TIME_PART})?$"
_DATE = re.compile(_DATE_PART)
_DATE_TIME = re.compile(f"{_DATE_PART}T{_TIME_PART}")
_FIRST = datetime.min.replace(microsecond=1, tzinfo=UTC)
_LAST = datetime.max.replace(microsecond=999_998, tzinfo=UTC)


class DueDate(NamedTuple):
    """A due date: its text as given, its kind, and what it is sorted and filtered by.

    ``at`` is in UTC for an instant; for a date (its midnight) and a floating time it is the local
    time as if that were UTC.
    """

    text: str
    kind: str
    at: datetime


def parse_due_date(text: str) -> DueDate:
    """Parse a due date.

    Raises:
        ValueError: the text is none of the three kinds, or names a day or time that is not.
    """
    if _DATE.fullmatch(text):
        return DueDate(text, "date", _keep_finite(datetime.fromisoformat(text)))
    if not _DATE_TIME.fullmatch(text):
        message = "not a date or date-time"
        raise ValueError(message)
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        return DueDate(text, "floating", _keep_finite(moment))
    try:
        return DueDate(text, "instant", _keep_finite(moment.astimezone(UTC)))
    except OverflowError as error:
        raise ValueError(str(error)) from error


def _keep_finite(moment: datetime) -> datetime:
    """Return a time in UTC; a microsecond aside of those that asyncpg takes for infinity."""
    return min(max(moment.replace(tzinfo=UTC), _FIRST), _LAST)


def check_due_date(text: str) -> str:
    """Return the text unchanged when it is a due date; for pydantic."""
    try:
        parse_due_date(text)
    except ValueError:
        code = "due_date"
        raise PydanticCustomError(
            code,
            "A date (2026-12-01), a local date-time (2026-12-01T09:00:00) or a date-time with "
            "offset (2026-12-01T09:00:00+01:00) is needed",
        ) from None
    return text


def shift_due_date(text: str, days: int, zone: str | None) -> str:
    """Return a due date so many days later, of the same kind and at the same time of day.

    Args:
        text: a due date.
        days: how many; negative for earlier.
        zone: the IANA zone whose clocks tell the time of day of an instant; None for its offset.

    Raises:
        ValueError, OverflowError: the result lies outside of the calendar.
    """
    due = parse_due_date(text)
    if due.kind != "instant" or zone is None:
        day = datetime.fromisoformat(text[:10]) + timedelta(days=days)
        return day.date().isoformat() + text[10:]
    local = datetime.fromisoformat(text).astimezone(ZoneInfo(zone))
    wall = local.replace(tzinfo=None) + timedelta(days=days)
    # By way of UTC: a time that the clocks there leave out becomes one that they show.
    moved = wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    exactness = "microseconds" if "." in text else "seconds"
    if text.endswith("Z"):
        return moved.replace(tzinfo=None).isoformat(timespec=exactness) + "Z"
    return moved.astimezone(ZoneInfo(zone)).isoformat(timespec=exactness)
