"""The days of a rule, as specified by the table of RFC 5545, section 3.3.10.

A period is a day, a week, a month or a year, as given by FREQ. Every INTERVAL-th period, counted
from the one with the start, has a set of days: those that the BY parts select, reduced by BYSETPOS.
An iteration can begin at any period, so the age of a series costs nothing.

python-dateutil is not used. It cannot be interrupted while it finds no day (7 s for
``FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30``), it finds none for ``FREQ=MONTHLY;BYDAY=MO,2TU``, it fails
for ``FREQ=MONTHLY;BYDAY=53MO``, and it applies BYSETPOS to the rest of the first week instead of
the whole week. The tests compare its results for other rules.
"""

from calendar import isleap
from collections.abc import Iterator
from dataclasses import replace
from datetime import MAXYEAR, date

from taskstead.domain.recurrence.rules import Frequency, Rule

_LAST_DAY = date.max.toordinal()
# The Gregorian calendar repeats every 400 years, which are 146,097 days. If as many periods in
# succession are empty, all later ones are, too, whatever the INTERVAL.
_PERIODS_OF_CALENDAR: dict[Frequency, int] = {
    "WEEKLY": 146_097 // 7,
    "MONTHLY": 400 * 12,
    "YEARLY": 400,
}
_LENGTHS_OF_MONTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def list_days(
    rule: Rule, start: date, *, after: date | None = None, last: date = date.max
) -> Iterator[date]:
    """Yield the days of a rule in order, without regard to COUNT and UNTIL.

    Args:
        rule: the rule.
        start: the day from which the rule counts. It is yielded only if it matches the rule.
        after: the day before the first one to yield; by default, days are yielded from the start.
        last: the last day to yield.
    """
    first = start.toordinal()
    if after is not None:
        first = max(first, after.toordinal() + 1)
    end = last.toordinal()
    if first > _LAST_DAY:
        return
    for days in list_periods(rule, start, first, end):
        for day in days:
            if first <= day <= end:
                yield date.fromordinal(day)


def list_periods(rule: Rule, start: date, first: int, last: int) -> Iterator[list[int]]:
    """Yield the days of each period, sorted. It ends if all later periods are empty.

    Args:
        rule: the rule.
        start: the day from which the rule counts.
        first: the ordinal of a day, not before the start. Earlier periods are left out.
        last: the ordinal of a day. Later periods are left out.

    Yields:
        The ordinals of the days of a period. Days of the same month are one item for FREQ=DAILY.
    """
    rule = _add_implied_parts(rule, start)
    if rule.frequency == "DAILY":
        if not rule.positions or rule.positions & {1, -1}:
            yield from _list_daily_periods(rule, start, first, last)
        return
    empty = 0
    for days in _PERIODS[rule.frequency](rule, start, first, last):
        selected = _select_positions(rule, days) if rule.positions else days
        empty = 0 if selected else empty + 1
        if empty > _PERIODS_OF_CALENDAR[rule.frequency]:
            return
        yield selected


def get_end_of_period(rule: Rule, day: date) -> date:
    """Return the last day of the period that contains a day."""
    match rule.frequency:
        case "DAILY":
            return day
        case "WEEKLY":
            return date.fromordinal(min(_get_week(rule, day.toordinal()) + 6, _LAST_DAY))
        case "MONTHLY":
            return day.replace(day=_get_length(day.year, day.month))
        case "YEARLY":
            return day.replace(month=12, day=31)


def add_periods(rule: Rule, day: date, number: int) -> date | None:
    """Return the day a number of intervals later; None if it is after the year 9999.

    Months end with their last day: a month after 31 January is the end of February.
    """
    periods = number * rule.interval
    if rule.frequency in {"DAILY", "WEEKLY"}:
        ordinal = day.toordinal() + periods * (7 if rule.frequency == "WEEKLY" else 1)
        return date.fromordinal(ordinal) if ordinal <= _LAST_DAY else None
    months = periods * (12 if rule.frequency == "YEARLY" else 1)
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > MAXYEAR:
        return None
    return date(year, month + 1, min(day.day, _get_length(year, month + 1)))


def _add_implied_parts(rule: Rule, start: date) -> Rule:
    """Add the parts that a rule takes from its start if they are not given."""
    if rule.frequency == "WEEKLY":
        return rule if rule.weekdays else replace(rule, weekdays=frozenset({(0, start.weekday())}))
    if rule.frequency == "DAILY" or rule.month_days or rule.weekdays:
        return rule
    month_days = frozenset({start.day})
    if rule.frequency == "YEARLY" and not rule.months:
        return replace(rule, months=frozenset({start.month}), month_days=month_days)
    return replace(rule, month_days=month_days)


def _select_positions(rule: Rule, days: list[int]) -> list[int]:
    """Return the days at the positions of BYSETPOS."""
    number = len(days)
    indexes = {
        position - 1 if position > 0 else number + position
        for position in rule.positions
        if abs(position) <= number
    }
    return [days[index] for index in sorted(indexes)]


def _list_daily_periods(rule: Rule, start: date, first: int, last: int) -> Iterator[list[int]]:
    months = _MonthlyDays(rule)
    day = _skip_intervals(start.toordinal(), first, rule.interval)
    while day <= last:
        found = date.fromordinal(day)
        before = day - found.day
        end = before + _get_length(found.year, found.month)
        candidates = range(day, end + 1, rule.interval)
        if rule.has_by_parts:
            days = months.list_days(found.year, found.month)
            yield [before + day for day in days if before + day in candidates]
        else:
            yield list(candidates)
        day = candidates[-1] + rule.interval


def _list_weekly_periods(rule: Rule, start: date, first: int, last: int) -> Iterator[list[int]]:
    offsets = sorted((weekday - rule.week_start) % 7 for _, weekday in rule.weekdays)
    step = 7 * rule.interval
    week = _skip_intervals(_get_week(rule, start.toordinal()), first, step)
    while week <= last:
        days = [week + offset for offset in offsets if 1 <= week + offset <= _LAST_DAY]
        if rule.months:
            days = [day for day in days if date.fromordinal(day).month in rule.months]
        yield days
        week += step
        if rule.months and not days and week <= last:
            # Leave out the rest of a month that is not in BYMONTH.
            begin = date.fromordinal(week)
            if begin.month not in rule.months:
                end = week - begin.day + _get_length(begin.year, begin.month)
                week = max(week, _skip_intervals(week, end + 1, step))


def _list_monthly_periods(rule: Rule, start: date, first: int, last: int) -> Iterator[list[int]]:
    months = _MonthlyDays(rule)
    begin = _skip_intervals(_get_month(start.toordinal()), _get_month(first), rule.interval)
    for number in range(begin, _get_month(last) + 1, rule.interval):
        year, month = number // 12, number % 12 + 1
        days = months.list_days(year, month)
        before = date(year, month, 1).toordinal() - 1 if days else 0
        yield [before + day for day in days]


def _list_yearly_periods(rule: Rule, start: date, first: int, last: int) -> Iterator[list[int]]:
    # There are 14 kinds of years: by their length and the day of the week on which they begin.
    kinds: dict[tuple[int, bool], list[int]] = {}
    begin = _skip_intervals(start.year, date.fromordinal(first).year, rule.interval)
    for year in range(begin, date.fromordinal(last).year + 1, rule.interval):
        before = date(year, 1, 1).toordinal() - 1
        kind = (before % 7, isleap(year))
        if kind not in kinds:
            kinds[kind] = [day - before for day in _list_days_of_year(rule, year)]
        yield [before + day for day in kinds[kind]]


def _list_days_of_year(rule: Rule, year: int) -> Iterator[int]:
    """Yield the days of a year that BYMONTH, BYMONTHDAY and BYDAY select, as ordinals."""
    first, last = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
    for month in range(1, 13):
        if rule.months and month not in rule.months:
            continue
        length = _get_length(year, month)
        begin = date(year, month, 1).toordinal()
        # Without BYMONTH, the positions of BYDAY count from the ends of the year.
        bounds = (begin, begin + length - 1) if rule.months else (first, last)
        for day in range(begin, begin + length):
            if _has_month_day(rule, day - begin + 1, length) and _has_weekday(rule, day, *bounds):
                yield day


_PERIODS = {
    "WEEKLY": _list_weekly_periods,
    "MONTHLY": _list_monthly_periods,
    "YEARLY": _list_yearly_periods,
}


class _MonthlyDays:
    """The days of a month that BYMONTH, BYMONTHDAY and BYDAY select.

    There are 28 kinds of months: by their length and the day of the week on which they begin. Each
    is computed once.
    """

    def __init__(self, rule: Rule) -> None:
        self._rule = rule
        self._kinds: dict[tuple[int, int], list[int]] = {}

    def list_days(self, year: int, month: int) -> list[int]:
        """Return the days of a month, from 1."""
        if self._rule.months and month not in self._rule.months:
            return []
        length = _get_length(year, month)
        kind = (date(year, month, 1).weekday(), length)
        if kind not in self._kinds:
            self._kinds[kind] = self._compute_days(*kind)
        return self._kinds[kind]

    def _compute_days(self, weekday_of_first: int, length: int) -> list[int]:
        # The ordinals of a month that begins on this day of the week: 1 is a Monday.
        first, last = 1 + weekday_of_first, weekday_of_first + length
        return [
            day
            for day in range(1, length + 1)
            if _has_month_day(self._rule, day, length)
            and _has_weekday(self._rule, first + day - 1, first, last)
        ]


def _has_month_day(rule: Rule, day: int, length: int) -> bool:
    """Return whether BYMONTHDAY selects a day of a month, if it is given."""
    return not rule.month_days or day in rule.month_days or day - length - 1 in rule.month_days


def _has_weekday(rule: Rule, day: int, first: int, last: int) -> bool:
    """Return whether BYDAY selects a day, if it is given.

    Args:
        rule: the rule.
        day: the ordinal of the day.
        first: the ordinal from which positions count.
        last: the ordinal from which negative positions count.
    """
    if not rule.weekdays:
        return True
    weekday = (day - 1) % 7
    return (
        (0, weekday) in rule.weekdays
        or ((day - first) // 7 + 1, weekday) in rule.weekdays
        or (-((last - day) // 7) - 1, weekday) in rule.weekdays
    )


def _get_length(year: int, month: int) -> int:
    """Return the number of days of a month."""
    return 29 if month == 2 and isleap(year) else _LENGTHS_OF_MONTHS[month - 1]


def _get_month(day: int) -> int:
    """Return the month of a day, numbered from January of the year 0."""
    found = date.fromordinal(day)
    return found.year * 12 + found.month - 1


def _get_week(rule: Rule, day: int) -> int:
    """Return the ordinal of the first day of a week. It may be negative in the first week."""
    return day - (day - 1 - rule.week_start) % 7


def _skip_intervals(begin: int, target: int, interval: int) -> int:
    """Return the last number before or at the target that is whole intervals after the begin."""
    return begin + (target - begin) // interval * interval
