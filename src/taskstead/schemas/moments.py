"""Points in time as filters name them: a day or a moment, in the principal's time zone.

A day is a stretch from its midnight to the next one; a moment is as short as can be. What lies
before either begins earlier, what lies after begins when it has ended.
"""

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Annotated, NamedTuple

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from taskstead.schemas.due import MAX_DATE_TIME_LENGTH, parse_due_date

_DAYS = {"yesterday": -1, "today": 0, "tomorrow": 1}
_EARLIEST = datetime.min.replace(tzinfo=UTC)
_LATEST = datetime.max.replace(tzinfo=UTC)
_SHORTEST = timedelta(microseconds=1)


class TimeRange(NamedTuple):
    """A stretch of time, twice: in UTC, and as local time that is taken as if it were UTC.

    The second is how due dates without an offset are kept. Both ends are half-open: from
    ``start`` up to and without ``end``.
    """

    start: datetime
    end: datetime
    local_start: datetime
    local_end: datetime


def _check_moment(text: str) -> str:
    if text in _DAYS:
        return text
    try:
        parse_due_date(text)
    except ValueError:
        code = "moment"
        raise PydanticCustomError(
            code,
            "A date (2026-12-01), today, tomorrow, yesterday, or a date-time "
            "(2026-12-01T09:00:00, 2026-12-01T09:00:00Z) is needed",
        ) from None
    return text


Moment = Annotated[str, Field(max_length=MAX_DATE_TIME_LENGTH), AfterValidator(_check_moment)]


def parse_moment(text: str, zone: tzinfo, now: datetime) -> TimeRange:
    """Return the stretch that a checked moment names.

    Args:
        text: a date, a date-time with or without offset, or today, tomorrow, yesterday.
        zone: where days begin at midnight and times without offset are meant.
        now: the present instant.
    """
    if text in _DAYS:
        today = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
        local = today.replace(tzinfo=UTC) + timedelta(days=_DAYS[text])
        return _make_time_range(local, timedelta(days=1), zone)
    due = parse_due_date(text)
    if due.kind == "instant":
        end = _shift(due.at, _SHORTEST)
        return TimeRange(due.at, end, _make_local(due.at, zone), _make_local(end, zone))
    return _make_time_range(due.at, timedelta(days=1) if due.kind == "date" else _SHORTEST, zone)


def _make_time_range(local_start: datetime, length: timedelta, zone: tzinfo) -> TimeRange:
    local_end = _shift(local_start, length)
    return TimeRange(
        _make_instant(local_start, zone), _make_instant(local_end, zone), local_start, local_end
    )


# At the ends of the calendar arithmetic overflows; nothing lies beyond, so the end will do.


def _shift(moment: datetime, length: timedelta) -> datetime:
    return min(moment, _LATEST - length) + length


def _make_instant(local: datetime, zone: tzinfo) -> datetime:
    try:
        return local.replace(tzinfo=zone).astimezone(UTC)
    except OverflowError:
        return _EARLIEST if local.year == 1 else _LATEST


def _make_local(instant: datetime, zone: tzinfo) -> datetime:
    try:
        return instant.astimezone(zone).replace(tzinfo=UTC)
    except OverflowError:
        return _EARLIEST if instant.year == 1 else _LATEST
