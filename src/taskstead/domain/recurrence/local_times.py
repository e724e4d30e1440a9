"""Local times of occurrences: read from due dates, and written as due dates.

Rules use local times without a zone: midnight for a date, the local time in the zone of the task
for an instant, or at the instant's own offset if the task has no zone. Local times identify
occurrences, as RECURRENCE-ID does. They have whole seconds.
"""

import re
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from taskstead.domain.due_dates import find_zone, write_instant

_DATE_LENGTH = len("2026-12-01")
_MINUTE_LENGTH = len("2026-12-01T09:00")
_FRACTION = re.compile(r"\.[0-9]+")
_OFFSET = re.compile("(Z|[+-][0-9]{2}:[0-9]{2})$")


def is_date(text: str) -> bool:
    """Return whether a due date or an occurrence id has no time."""
    return len(text) == _DATE_LENGTH


def is_instant(due_date: str, due_time_zone: str | None) -> bool:
    """Return whether a due date is an instant: it has a time, and an offset or a time zone."""
    return not is_date(due_date) and find_own_zone(due_date, due_time_zone) is not None


def get_zone(due_date: str, due_time_zone: str | None, reader_zone: ZoneInfo) -> tzinfo:
    """Return the zone of the local time of a due date.

    Args:
        due_date: the due date.
        due_time_zone: the IANA zone of the task; None if it has none.
        reader_zone: the zone of dates and floating times.
    """
    return find_own_zone(due_date, due_time_zone) or reader_zone


def find_own_zone(due_date: str, due_time_zone: str | None) -> tzinfo | None:
    """Return the zone or the offset of a due date; None for a date and for a floating time.

    Args:
        due_date: the due date.
        due_time_zone: the IANA zone of the task; None if it has none.
    """
    if is_date(due_date):
        return None
    return find_zone(due_time_zone) or datetime.fromisoformat(due_date).tzinfo


def get_local_time(text: str, due_time_zone: str | None) -> datetime:
    """Return the local time of a due date or of an occurrence id; midnight for a date.

    Raises:
        ValueError: the text is no date and no date-time.
    """
    parsed = datetime.fromisoformat(text).replace(microsecond=0)
    zone = find_zone(due_time_zone)
    if parsed.tzinfo is not None and zone is not None:
        try:
            parsed = parsed.astimezone(zone)
        except OverflowError:
            # On the first and the last day of the calendar, the own offset is used.
            return parsed.replace(tzinfo=None)
    return parsed.replace(tzinfo=None, fold=0)


def get_occurrence_id(due_date: str, due_time_zone: str | None) -> str:
    """Return the id of the occurrence that is due at a time.

    It is the local date or the local time, such as 2026-11-30 or 2026-11-30T09:00:00.
    """
    return write_occurrence_id(due_date, get_local_time(due_date, due_time_zone))


def write_occurrence_id(start: str, local: datetime) -> str:
    """Return the id of the occurrence at a local time, as a date if the series has dates."""
    return local.date().isoformat() if is_date(start) else local.isoformat(timespec="seconds")


def write_start(local: datetime, due_date: str, due_time_zone: str | None) -> str:
    """Return the start of a series at a local time, in the notation of a due date.

    Args:
        local: the local time.
        due_date: the due date. The result is a date if it is one, and has its offset if the task
            has no zone.
        due_time_zone: the IANA zone of the task; None if it has none.
    """
    text = write_occurrence_id(due_date, local)
    offset = None if is_date(due_date) or due_time_zone else _OFFSET.search(due_date)
    return text + (offset[0] if offset else "")


def write_due_date(local: datetime, *, start: str, like: str, due_time_zone: str | None) -> str:
    """Write the local time of an occurrence as a due date.

    Args:
        local: the local time.
        start: the start of the series. It decides whether the result has a time, and at which
            offset the local time is if the task has no zone.
        like: the due date whose notation is kept: ``Z``, offset or local time, with or without
            seconds, and the fraction. If the start is not convertible to it, its notation is kept.
        due_time_zone: the IANA zone of the task; None if it has none.

    Raises:
        OverflowError: the result is out of range.
    """
    if is_date(start):
        return local.date().isoformat()
    zone = find_zone(due_time_zone)
    if is_date(like) or (zone is None and _has_offset(like) != _has_offset(start)):
        like = start
    if not _has_offset(like):
        return _write_like(local, like)
    if zone is not None:
        return write_instant(like, local, zone)
    start_offset = datetime.fromisoformat(start).tzinfo
    like_offset = datetime.fromisoformat(like).tzinfo
    return _write_like(local.replace(tzinfo=start_offset).astimezone(like_offset), like)


def _has_offset(due_date: str) -> bool:
    return _OFFSET.search(due_date[_DATE_LENGTH:]) is not None


def _write_like(local: datetime, like: str) -> str:
    """Write a time with the fraction and the offset of a text, and without seconds if it has none.

    Seconds other than 0 are always written.
    """
    offset = _OFFSET.search(like)
    fraction = _FRACTION.search(like)
    has_seconds = len(like) - (len(offset[0]) if offset else 0) > _MINUTE_LENGTH
    timespec = "seconds" if has_seconds or local.second else "minutes"
    text = local.replace(tzinfo=None).isoformat(timespec=timespec)
    return text + (fraction[0] if fraction else "") + (offset[0] if offset else "")
