"""Due dates (RFC 3339 for the notation, iCalendar for the kinds).

- a date, ``2026-12-01``: due that whole day, in the time zone of each reader;
- floating, ``2026-12-01T09:00:00``: nine o'clock in the time zone of each reader;
- an instant, ``2026-12-01T09:00:00+01:00``: that moment everywhere.

A local time with a time zone beside it is an instant too: that time on the clocks of the zone. A
date stays a date, whatever zone is beside it.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic_core import PydanticCustomError

# RFC 3339 sets no limit to the digits of a fraction; this leaves room for more than 70.
MAX_DATE_TIME_LENGTH = 100
_DATE_PART = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_TIME_PART = r"[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?(Z|[+-][0-9]{2}:[0-9]{2})?"
DUE_PATTERN = f"^{_DATE_PART}(T{_TIME_PART})?$"
_DATE = re.compile(_DATE_PART)
_DATE_TIME = re.compile(f"{_DATE_PART}T{_TIME_PART}")
_FRACTION = re.compile(r"\.[0-9]+")
_FIRST = datetime.min.replace(microsecond=1, tzinfo=UTC)
_LAST = datetime.max.replace(microsecond=999_998, tzinfo=UTC)


class DueDate(NamedTuple):
    """A due date: its text as given, its kind, and what it is sorted and filtered by.

    ``at`` is in UTC for an instant; for a date (its midnight) and a floating time it is the local
    time as if that were UTC. It is exact to the microsecond.
    """

    text: str
    kind: str
    at: datetime


def parse_due_date(text: str, zone: str | None = None) -> DueDate:
    """Parse a due date.

    Args:
        text: the due date.
        zone: the IANA time zone that a local time is meant in; None for the reader's.

    Raises:
        ValueError: the text is none of the three kinds, or names a day or time that does not
            exist.
    """
    if _DATE.fullmatch(text):
        return DueDate(text, "date", _keep_finite(datetime.fromisoformat(text)))
    if not _DATE_TIME.fullmatch(text):
        raise ValueError("not a date or date-time")
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        located = _find_zone(zone)
        if located is None:
            return DueDate(text, "floating", _keep_finite(moment))
        return DueDate(text, "instant", _keep_finite(convert_to_utc(moment, located)))
    try:
        return DueDate(text, "instant", _keep_finite(moment.astimezone(UTC)))
    except OverflowError as error:
        raise ValueError(str(error)) from error


def _find_zone(name: str | None) -> ZoneInfo | None:
    """Return the zone; None where this machine does not know it (any more)."""
    try:
        return None if name is None else ZoneInfo(name)
    except ZoneInfoNotFoundError:
        return None


def convert_to_utc(local: datetime, zone: ZoneInfo) -> datetime:
    """Return the instant of a local time in a zone, as RFC 5545, section 3.3.5, has it.

    Of a time that occurs twice, when the clocks are set back, the first one counts. A time that is
    left out, when they are set forward, is taken with the offset from before.
    """
    try:
        return local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    except OverflowError:
        # At the ends of the calendar; nothing lies beyond.
        return _FIRST if local.year == 1 else _LAST


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


def add_offset(text: str, zone: str | None) -> str:
    """Return a local time with the offset of its zone, for formats that have no field for zones.

    Other due dates, and local times without a zone, stay as they are.
    """
    located = _find_zone(zone)
    if located is None or parse_due_date(text).kind != "floating":
        return text
    local = datetime.fromisoformat(text).replace(microsecond=0, tzinfo=located)
    return text + local.isoformat()[19:25]


def shift_due_date(text: str, days: int, zone: str | None) -> str:
    """Return a due date so many days later, in the same notation and at the same time of day.

    Args:
        text: a due date.
        days: how many; negative for earlier.
        zone: the IANA zone whose clocks tell the time of day of an instant; None for its offset.

    Raises:
        ValueError, OverflowError: the result lies outside of the calendar.
    """
    due = parse_due_date(text)
    located = _find_zone(zone)
    if due.kind != "instant" or located is None:
        day = datetime.fromisoformat(text[:10]) + timedelta(days=days)
        return day.date().isoformat() + text[10:]
    # Fractions of a second stay as they are, with all their digits.
    fraction = _FRACTION.search(text)
    whole = datetime.fromisoformat(_FRACTION.sub("", text)).astimezone(located)
    wall = whole.replace(tzinfo=None) + timedelta(days=days)
    # By way of UTC: a time that the clocks there leave out becomes one that they show.
    moved = wall.replace(tzinfo=located).astimezone(UTC)
    if text.endswith("Z"):
        local, offset = moved, "Z"
    else:
        local = moved.astimezone(located)
        offset = local.isoformat()[19:]
    return local.isoformat()[:19] + (fraction[0] if fraction else "") + offset
