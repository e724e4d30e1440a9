"""Series of occurrences: the next due date of a repeating task that is completed or skipped.

A repeating task is one row. Its due date stands for the current occurrence and advances when the
occurrence is completed or skipped. The modes are those of org-mode:

- ``schedule``: the next occurrence of the rule that is not in the past (``++1w``).
- ``each``: the next occurrence of the rule, even if it is in the past (``+1w``).
- ``completion``: the rule counts from the day of completion (``.+1w``).

The rule applies to local times without a zone. The result is converted back to a due date, so that
09:00 remains 09:00 when clocks change.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from itertools import count, dropwhile, islice, takewhile
from typing import Literal
from zoneinfo import ZoneInfo

from taskstead.domain.due_dates import convert_to_utc, find_zone
from taskstead.domain.recurrence.days import add_periods, get_end_of_period, list_days
from taskstead.domain.recurrence.local_times import (
    get_local_time,
    get_zone,
    is_date,
    write_due_date,
    write_occurrence_id,
)
from taskstead.domain.recurrence.rules import MAX_YEARS_WITHOUT_OCCURRENCE, Rule, parse_rule

RepeatMode = Literal["schedule", "each", "completion"]

# Occurrences that were passed over longer ago are not counted if the rule has no COUNT.
_COUNTED_DAYS = timedelta(days=1000)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Series:
    """The repeating task whose current occurrence is completed or skipped.

    Attributes:
        rule: the rule, as accepted by parse_rule.
        mode: what the next occurrence depends on.
        start: the due date from which the rule counts. With COUNT, it is the first occurrence even
            if it does not match the rule, as in RFC 5545. It decides whether the occurrences have
            a time (``schedule`` and ``each``; the due date does so for ``completion``).
        due_date: the current due date. It differs from the occurrence if it was moved.
        due_time_zone: the IANA zone of the task; None if it has none.
        at: the id of the occurrence that the due date stands for, or a due date.
        gone: the number of occurrences before the current one. If it is 0 and the rule has COUNT,
            it is counted from the start, which may take some milliseconds.
        exceptions: the ids of occurrences that are passed over. A date excludes its whole day.
    """

    rule: str
    mode: RepeatMode
    start: str
    due_date: str
    due_time_zone: str | None
    at: str
    gone: int
    exceptions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Occurrence:
    """The state of a series at an occurrence.

    Attributes:
        due_date: the due date, in the notation of the previous one.
        at: the id of the occurrence, which is its local time in the rule. It differs from the local
            time of the due date if clocks are turned forward at that time.
        gone: the number of occurrences before this one. In the modes ``schedule`` and ``each``, it
            includes those that were passed over. Without COUNT, those that were passed over more
            than 1,000 days ago are not included. In the mode ``completion``, it is the number of
            those that were completed or skipped.
    """

    due_date: str
    at: str
    gone: int


def complete(series: Series, now: datetime, zone: ZoneInfo) -> Occurrence | None:
    """Return the next occurrence after the current one is completed; None if none is left.

    Args:
        series: the series.
        now: the time of completion, with a zone.
        zone: the zone of the user, for dates and floating times.

    Raises:
        RuleError: the rule is invalid or not supported.
    """
    rule = parse_rule(series.rule)
    if series.mode == "completion":
        return next(_list_from_day(series, rule, _get_today(series, now, zone), zone), None)
    since = now if series.mode == "schedule" else None
    return next(_list_from_rule(series, rule, since, zone), None)


def skip(series: Series, zone: ZoneInfo) -> Occurrence | None:
    """Return the next occurrence after the current one is skipped; None if none is left.

    It may be in the past. In the mode ``completion``, the rule counts from the due date, or from
    the occurrence if the due date was moved to an earlier day.

    Raises:
        RuleError: the rule is invalid or not supported.
    """
    rule = parse_rule(series.rule)
    if series.mode == "completion":
        due = get_local_time(series.due_date, series.due_time_zone).date()
        at = get_local_time(series.at, series.due_time_zone).date()
        return next(_list_from_day(series, rule, max(due, at), zone), None)
    return next(_list_from_rule(series, rule, None, zone), None)


def iterate_next(series: Series, now: datetime, zone: ZoneInfo) -> Iterator[Occurrence]:
    """Yield the occurrences after the current one, as if each were completed on time.

    The current occurrence is completed now if it is overdue. In the mode ``each``, the next ones
    may be in the past. In the mode ``completion``, each is completed on the day when it is due.

    Raises:
        RuleError: the rule is invalid or not supported.
    """
    rule = parse_rule(series.rule)
    if series.mode == "completion":
        due = get_local_time(series.due_date, series.due_time_zone).date()
        day = max(_get_today(series, now, zone), due)
        return _list_from_day(series, rule, day, zone)
    since = now if series.mode == "schedule" else None
    return _list_from_rule(series, rule, since, zone)


def _list_from_rule(
    series: Series, rule: Rule, since: datetime | None, zone: ZoneInfo
) -> Iterator[Occurrence]:
    """Yield the occurrences after the current one.

    Args:
        series: the series.
        rule: its rule.
        since: a time with a zone. Occurrences that are not later are passed over.
        zone: the zone of dates and floating times.
    """
    own_zone = get_zone(series.start, series.due_time_zone, zone)
    today = None if since is None else since.astimezone(own_zone).date()
    excluded = _read_exceptions(series)
    for gone, local in _list_local_times(series, rule, today):
        if rule.ends_before(local, own_zone):
            return
        if local in excluded or local.date() in excluded:
            continue
        if since is not None and _is_past(series, local, since, own_zone):
            continue
        occurrence = _make_occurrence(series, series.start, local, gone)
        if occurrence is None:
            return
        yield occurrence


def _list_local_times(
    series: Series, rule: Rule, today: date | None
) -> Iterator[tuple[int, datetime]]:
    """Yield the local times of the rule after the current occurrence.

    Each comes with the number of occurrences before it. Exceptions are included.

    Args:
        series: the series.
        rule: its rule.
        today: the day before which the local times may be left out; None to include all.
    """
    start = get_local_time(series.start, series.due_time_zone)
    at = get_local_time(series.at, series.due_time_zone)
    if is_date(series.at) or is_date(series.start):
        at = datetime.combine(at, start.time())
    after = at.date()
    if today is not None and rule.count is None:
        after = max(after, today - _COUNTED_DAYS)
    days = list_days(rule, start.date(), after=_get_day_before(after), last=rule.last_day)
    local_times = (datetime.combine(day, start.time()) for day in days)
    for gone, local in enumerate(
        dropwhile(lambda local: local <= at, local_times), _get_gone(series, rule, start, at) + 1
    ):
        if rule.count is not None and gone >= rule.count:
            return
        yield gone, local


def _get_gone(series: Series, rule: Rule, start: datetime, at: datetime) -> int:
    """Return the number of occurrences before the current one.

    It is counted if it matters and is not given. The start is the first occurrence.
    """
    if series.gone or rule.count is None or at <= start:
        return series.gone
    days = list_days(rule, start.date(), after=start.date())
    local_times = (datetime.combine(day, start.time()) for day in days)
    counted = islice(takewhile(lambda local: local < at, local_times), rule.count)
    return 1 + sum(1 for _ in counted)


def _list_from_day(series: Series, rule: Rule, day: date, zone: ZoneInfo) -> Iterator[Occurrence]:
    """Yield the occurrences that follow if one is completed on a day, and each of them on its day.

    Args:
        series: the series.
        rule: its rule.
        day: the day of completion.
        zone: the zone of dates and floating times.
    """
    own_zone = get_zone(series.due_date, series.due_time_zone, zone)
    excluded = _read_exceptions(series)
    time_of_day = _get_time_of_day(series, zone)
    for gone in count(series.gone + 1):
        if rule.count is not None and gone >= rule.count:
            return
        local_times = (
            datetime.combine(found, time_of_day) for found in _list_days_after(rule, day)
        )
        local = next(
            (
                local
                for local in local_times
                if local not in excluded and local.date() not in excluded
            ),
            None,
        )
        if local is None or rule.ends_before(local, own_zone):
            return
        occurrence = _make_occurrence(series, series.due_date, local, gone)
        if occurrence is None:
            return
        yield occurrence
        day = local.date()


def _list_days_after(rule: Rule, completed: date) -> Iterator[date]:
    """Yield the days on which a task is due again if it was completed on a day.

    Without BY parts, they are whole intervals after that day. With BY parts, they are the days that
    the rule selects, counted from the period with that day. If INTERVAL is more than 1, this period
    is left out.
    """
    if rule.has_by_parts:
        after = get_end_of_period(rule, completed) if rule.interval > 1 else completed
        # Counted from some days, a rule has none: every 7 days on Monday, completed on Tuesday.
        years = Rule("YEARLY", interval=rule.interval)
        horizon = add_periods(years, completed, MAX_YEARS_WITHOUT_OCCURRENCE) or date.max
        last = min(rule.last_day, horizon)
        yield from list_days(rule, completed, after=after, last=last)
        return
    for number in count(1):
        day = add_periods(rule, completed, number)
        if day is None:
            return
        yield day


def _make_occurrence(series: Series, start: str, local: datetime, gone: int) -> Occurrence | None:
    """Return an occurrence; None if its due date is out of range."""
    try:
        due_date = write_due_date(
            local, start=start, like=series.due_date, due_time_zone=series.due_time_zone
        )
    except OverflowError:
        return None
    return Occurrence(due_date, write_occurrence_id(start, local), gone)


def _read_exceptions(series: Series) -> set[date]:
    """Return the excluded local times, and the excluded days as dates."""
    excluded: set[date] = set()
    for text in series.exceptions:
        local = get_local_time(text, series.due_time_zone)
        excluded.add(local.date() if is_date(text) or is_date(series.start) else local)
    return excluded


def _is_past(series: Series, local: datetime, since: datetime, own_zone: tzinfo) -> bool:
    """Return whether an occurrence is not later than a time; for a date, than its day."""
    if is_date(series.start):
        return local.date() <= since.astimezone(own_zone).date()
    # Instants are compared, because local times repeat or do not occur when clocks change.
    return convert_to_utc(local, own_zone) <= since


def _get_today(series: Series, now: datetime, zone: ZoneInfo) -> date:
    """Return the day of a completion in the zone of the task, otherwise of the user."""
    return now.astimezone(find_zone(series.due_time_zone) or zone).date()


def _get_time_of_day(series: Series, zone: ZoneInfo) -> time:
    """Return the local time of day of the due date.

    When clocks were turned forward, the due date may be later than the local time of the rule.
    """
    due = get_local_time(series.due_date, series.due_time_zone)
    if is_date(series.due_date) or is_date(series.at):
        return due.time()
    own_zone = get_zone(series.due_date, series.due_time_zone, zone)
    at = get_local_time(series.at, series.due_time_zone)
    is_same = convert_to_utc(at, own_zone) == convert_to_utc(due, own_zone)
    return at.time() if is_same else due.time()


def _get_day_before(day: date) -> date | None:
    """Return the day before; None for the first day of the calendar."""
    return None if day == date.min else day - _DAY
