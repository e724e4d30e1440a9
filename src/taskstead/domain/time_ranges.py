"""Days and moments in filters, converted to time ranges.

A filter value is a day or a moment, which is a point in time. A day becomes the range from midnight
to midnight in the user's time zone. A moment becomes a range of one microsecond. "Before" means
before the start of the range. "After" means at or after its end.
"""

from datetime import UTC, datetime, timedelta, tzinfo
from typing import NamedTuple

from taskstead.domain.due_dates import parse_due_date

_DAY_OFFSETS = {"yesterday": -1, "today": 0, "tomorrow": 1}
_EARLIEST = datetime.min.replace(tzinfo=UTC)
_LATEST = datetime.max.replace(tzinfo=UTC)
_RESOLUTION = timedelta(microseconds=1)


class TimeRange(NamedTuple):
    """A time range in UTC and in local time. ``end`` and ``local_end`` are not part of it.

    The local times are stored as if they were UTC, like the ``at`` of due dates without an offset.
    They are used to filter such due dates.
    """

    start: datetime
    end: datetime
    local_start: datetime
    local_end: datetime


def is_day_or_moment(text: str) -> bool:
    """Return whether :func:`parse_day_or_moment` accepts the text."""
    if text in _DAY_OFFSETS:
        return True
    try:
        parse_due_date(text)
    except ValueError:
        return False
    return True


def parse_day_or_moment(text: str, zone: tzinfo, now: datetime) -> TimeRange:
    """Return the time range of a day or moment; see :func:`is_day_or_moment`.

    Args:
        text: a date, a date-time with or without offset, or today, tomorrow, yesterday.
        zone: the time zone of days and of times without offset.
        now: the current time.
    """
    if text in _DAY_OFFSETS:
        today = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
        local = today.replace(tzinfo=UTC) + timedelta(days=_DAY_OFFSETS[text])
        return _make_time_range(local, timedelta(days=1), zone)
    due = parse_due_date(text)
    if due.kind == "instant":
        end = _add_clamped(due.at, _RESOLUTION)
        return TimeRange(due.at, end, _to_local(due.at, zone), _to_local(end, zone))
    return _make_time_range(due.at, timedelta(days=1) if due.kind == "date" else _RESOLUTION, zone)


def _make_time_range(local_start: datetime, length: timedelta, zone: tzinfo) -> TimeRange:
    local_end = _add_clamped(local_start, length)
    return TimeRange(_to_utc(local_start, zone), _to_utc(local_end, zone), local_start, local_end)


# If the result of one of the following functions is out of range, it is the first or last
# representable time.


def _add_clamped(time: datetime, length: timedelta) -> datetime:
    return min(time, _LATEST - length) + length


def _to_utc(local: datetime, zone: tzinfo) -> datetime:
    try:
        return local.replace(tzinfo=zone).astimezone(UTC)
    except OverflowError:
        return _EARLIEST if local.year == 1 else _LATEST


def _to_local(instant: datetime, zone: tzinfo) -> datetime:
    try:
        return instant.astimezone(zone).replace(tzinfo=UTC)
    except OverflowError:
        return _EARLIEST if instant.year == 1 else _LATEST
