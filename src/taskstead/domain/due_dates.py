"""Due dates, written as RFC 3339 text. There are three kinds, as in iCalendar.

- A date, ``2026-12-01``: due on that day in each reader's time zone.
- A floating time, ``2026-12-01T09:00:00``: due at nine o'clock in each reader's time zone.
- An instant, ``2026-12-01T09:00:00+01:00``: due at the same point in time for all readers.

A task may also have a time zone in a separate field. A local time with such a zone is an instant. A
date with a zone remains a date.
"""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

# RFC 3339 does not limit the digits of a fraction. This allows more than 70.
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
    """A parsed due date.

    Attributes:
        text: the text as sent by the client.
        kind: ``date``, ``floating`` or ``instant``.
        at: the time for sorting and filtering. For an instant, it is the time in UTC. For a
            floating time and for a date (midnight), it is the local time, stored as if it were UTC.
    """

    text: str
    kind: str
    at: datetime


def parse_due_date(text: str, zone_name: str | None = None) -> DueDate:
    """Parse a due date.

    Args:
        text: the due date.
        zone_name: the IANA time zone of a local time; None for each reader's time zone.

    Raises:
        ValueError: the text is none of the three kinds, or the day or time does not exist.
    """
    if _DATE.fullmatch(text):
        return DueDate(text, "date", _clamp_to_finite(datetime.fromisoformat(text)))
    if not _DATE_TIME.fullmatch(text):
        raise ValueError("not a date or date-time")
    parsed = datetime.fromisoformat(text)
    if parsed.tzinfo is None:
        zone_info = find_zone(zone_name)
        if zone_info is None:
            return DueDate(text, "floating", _clamp_to_finite(parsed))
        return DueDate(text, "instant", _clamp_to_finite(convert_to_utc(parsed, zone_info)))
    try:
        return DueDate(text, "instant", _clamp_to_finite(parsed.astimezone(UTC)))
    except OverflowError as error:
        raise ValueError(str(error)) from error


def find_zone(name: str | None) -> ZoneInfo | None:
    """Return the time zone; None if the time zone database does not contain it."""
    try:
        return None if name is None else ZoneInfo(name)
    except ZoneInfoNotFoundError:
        return None


def convert_to_utc(local: datetime, zone: tzinfo) -> datetime:
    """Convert a local time in a zone to UTC, as specified by RFC 5545, section 3.3.5.

    When clocks are turned back, some local times occur twice. The first occurrence is used. When
    clocks are turned forward, some local times do not occur. They are converted with the offset
    before the change.
    """
    try:
        return local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    except OverflowError:
        # Out of range: use the first or last representable time.
        return _FIRST if local.year == 1 else _LAST


def _clamp_to_finite(parsed: datetime) -> datetime:
    """Return the time as UTC, moved by a microsecond if asyncpg would treat it as infinity."""
    return min(max(parsed.replace(tzinfo=UTC), _FIRST), _LAST)


def add_offset(text: str, zone_name: str | None) -> str:
    """Add the offset of the time zone to a local time, for formats that have no field for zones.

    Dates, instants and local times without a zone are returned unchanged, and so are local times
    that are out of range in UTC.
    """
    zone_info = find_zone(zone_name)
    if zone_info is None or parse_due_date(text).kind != "floating":
        return text
    local = datetime.fromisoformat(text).replace(microsecond=0, tzinfo=zone_info)
    try:
        local.astimezone(UTC)
    except OverflowError:
        return text
    return text + local.isoformat()[19:25]


def shift_due_date(text: str, days: int, zone_name: str | None) -> str:
    """Shift a due date by days. The notation and the time of day stay the same.

    Args:
        text: a due date.
        days: the number of days; negative for earlier dates.
        zone_name: the IANA zone that determines the time of day of an instant; None for the
            offset of the due date.

    Raises:
        ValueError, OverflowError: the result is out of range.
    """
    due = parse_due_date(text)
    zone_info = find_zone(zone_name)
    if due.kind != "instant" or zone_info is None:
        day = datetime.fromisoformat(text[:10]) + timedelta(days=days)
        return day.date().isoformat() + text[10:]
    without_fraction = datetime.fromisoformat(_FRACTION.sub("", text)).astimezone(zone_info)
    shifted_local = without_fraction.replace(tzinfo=None) + timedelta(days=days)
    return write_instant(text, shifted_local, zone_info)


def write_instant(like: str, local: datetime, zone: ZoneInfo) -> str:
    """Write a local time in a zone as an instant, in the notation of another due date.

    Args:
        like: an instant with an offset. ``Z`` remains ``Z``. The fraction of a second is preserved
            with all its digits.
        local: the local time, without a fraction.
        zone: the zone of the local time. A local time that does not occur is replaced by one that
            does, as specified by RFC 5545, section 3.3.5.

    Raises:
        OverflowError: the result is out of range.
    """
    fraction = _FRACTION.search(like)
    # The conversion to UTC and back replaces a local time that does not occur by one that does.
    instant = local.replace(tzinfo=zone).astimezone(UTC)
    if like.endswith("Z"):
        written, offset = instant, "Z"
    else:
        # Historical offsets have seconds. RFC 3339, section 5.8, writes the closest minute.
        seconds_offset = instant.astimezone(zone).utcoffset() or timedelta()
        minutes = round(seconds_offset / timedelta(minutes=1))
        written = instant.astimezone(timezone(timedelta(minutes=minutes)))
        offset = written.isoformat()[19:]
    return written.isoformat()[:19] + (fraction[0] if fraction else "") + offset
