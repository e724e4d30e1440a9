"""Moves a series to another kind of due date or to another time zone.

The start and the current occurrence of a series are local times. If a date gets a time of day, the
series gets it too. If the zone changes, its local times change and remain the same instants.
"""

from datetime import datetime, tzinfo
from typing import NamedTuple

from taskstead.domain.due_dates import convert_to_utc
from taskstead.domain.recurrence.local_times import (
    find_own_zone,
    get_local_time,
    is_date,
    write_occurrence_id,
    write_start,
)


class SeriesPosition(NamedTuple):
    """The position of a task in its series.

    Attributes:
        start: the due date from which the rule counts.
        at: the id of the current occurrence.
    """

    start: str
    at: str


def convert_position(
    position: SeriesPosition,
    old_due: tuple[str, str | None],
    new_due: tuple[str, str | None],
) -> SeriesPosition:
    """Return the position after a change of the due date or of its time zone.

    If the kind of the due date and its zone stay the same, so does the position: the new due date
    only moves the current occurrence.

    Args:
        position: the current position.
        old_due: the due date and the IANA zone of the task before the change.
        new_due: the same after the change.
    """
    old_zone, new_zone = find_own_zone(*old_due), find_own_zone(*new_due)
    if is_date(position.at) == is_date(new_due[0]) and old_zone == new_zone:
        return position
    start, at = (
        _convert(text, old_due[1], old_zone, new_zone) for text in (position.start, position.at)
    )
    if is_date(position.at) and not is_date(new_due[0]):
        time_of_day = get_local_time(*new_due).time()
        start, at = (datetime.combine(local, time_of_day) for local in (start, at))
    return SeriesPosition(write_start(start, *new_due), write_occurrence_id(new_due[0], at))


def _convert(
    text: str, task_zone: str | None, old_zone: tzinfo | None, new_zone: tzinfo | None
) -> datetime:
    """Return the new local time of an occurrence: the same instant, if both zones are known."""
    local = get_local_time(text, task_zone)
    if is_date(text) or old_zone is None or new_zone is None or old_zone == new_zone:
        return local
    try:
        return convert_to_utc(local, old_zone).astimezone(new_zone).replace(tzinfo=None, fold=0)
    except OverflowError:
        return local


def fit_position(
    position: SeriesPosition, due_date: str, due_time_zone: str | None
) -> SeriesPosition:
    """Return the position in the notation of a due date: dates, or times with its time of day.

    An undo or an import may combine a position with a due date of another kind.
    """
    start, at = (get_local_time(text, due_time_zone) for text in position)
    if is_date(position.at) and not is_date(due_date):
        time_of_day = get_local_time(due_date, due_time_zone).time()
        start, at = (datetime.combine(local, time_of_day) for local in (start, at))
    return SeriesPosition(
        write_start(start, due_date, due_time_zone), write_occurrence_id(due_date, at)
    )
