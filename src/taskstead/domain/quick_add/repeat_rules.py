"""Repeat rules that quick add writes (RFC 5545, section 3.3.10), and their first day."""

from dataclasses import dataclass, replace
from datetime import date

from taskstead.domain.quick_add.days import (
    add_months,
    clamp_day,
    find_nth_weekday,
    find_weekday_from,
)

_WEEKDAY_NAMES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_FREQUENCIES = {"day": "DAILY", "week": "WEEKLY", "month": "MONTHLY", "year": "YEARLY"}
# All months have this day.
_LAST_COMMON_DAY = 28
# A month with five days of one weekday comes at least once in this time.
_MAX_MONTHS = 12


@dataclass(frozen=True, slots=True)
class RepeatRule:
    """A rule without its end.

    Attributes:
        unit: day, week, month or year.
        interval: the number of units.
        weekdays: the weekdays, 0 for Monday. With a ``position``, the n-th of them in a month.
        position: 1 for the first of the weekdays in a month, -1 for the last.
        month: the month of a yearly rule.
        month_day: the day of the month; -1 for the last.
    """

    unit: str
    interval: int = 1
    weekdays: tuple[int, ...] = ()
    position: int | None = None
    month: int | None = None
    month_day: int | None = None


def find_first_day(rule: RepeatRule, start: date) -> date:
    """Return the first occurrence of a rule on or after a day.

    Raises:
        ValueError, OverflowError: it is after the year 9999.
    """
    if rule.position is not None:
        return _find_first_nth_weekday(rule, start, rule.position)
    if rule.weekdays:
        return min(find_weekday_from(start, weekday) for weekday in rule.weekdays)
    if rule.month_day is None:
        return start
    day = 31 if rule.month_day == -1 else rule.month_day
    month = start.month if rule.month is None else rule.month
    found = clamp_day(start.year, month, day)
    if found >= start:
        return found
    following = add_months(found.replace(day=1), 1 if rule.month is None else 12)
    return clamp_day(following.year, following.month, day)


def _find_first_nth_weekday(rule: RepeatRule, start: date, position: int) -> date:
    month = start.replace(day=1)
    for _ in range(_MAX_MONTHS):
        found = find_nth_weekday(month.year, month.month, rule.weekdays, position)
        if found is not None and found >= start:
            return found
        month = add_months(month, 1)
    raise ValueError("no month has such a day")


def keep_day_of_month(rule: RepeatRule, day: date) -> RepeatRule:
    """Return a rule that does not omit short months, if it repeats the day of its start.

    A monthly rule that starts on the 31st would omit the months without a 31st. A yearly rule that
    starts on 29 February would omit most years.
    """
    if rule.month_day is not None or rule.weekdays or day.day <= _LAST_COMMON_DAY:
        return rule
    if rule.unit == "month":
        return replace(rule, month_day=day.day)
    if rule.unit == "year" and day.month == 2:
        return replace(rule, month=2, month_day=day.day)
    return rule


def format_rule(rule: RepeatRule, *, count: int | None = None, until: str | None = None) -> str:
    """Return the text of a rule.

    A day of the month above 28 is the last day of shorter months. It is written as the last of the
    days from 28 to that day, which every client understands.

    Args:
        rule: the rule.
        count: the number of occurrences.
        until: the last day or time, in the notation of RFC 5545.
    """
    parts = [f"FREQ={_FREQUENCIES[rule.unit]}"]
    if rule.interval > 1:
        parts.append(f"INTERVAL={rule.interval}")
    if count is not None:
        parts.append(f"COUNT={count}")
    if until is not None:
        parts.append(f"UNTIL={until}")
    if rule.month is not None:
        parts.append(f"BYMONTH={rule.month}")
    if rule.month_day is not None:
        parts += _format_month_day(rule.month_day)
    if rule.weekdays:
        parts += _format_weekdays(rule)
    return ";".join(parts)


def _format_month_day(day: int) -> list[str]:
    if day <= _LAST_COMMON_DAY:
        return [f"BYMONTHDAY={day}"]
    days = ",".join(str(each) for each in range(_LAST_COMMON_DAY, day + 1))
    return [f"BYMONTHDAY={days}", "BYSETPOS=-1"]


def _format_weekdays(rule: RepeatRule) -> list[str]:
    names = [_WEEKDAY_NAMES[weekday] for weekday in rule.weekdays]
    if rule.position is None:
        return [f"BYDAY={','.join(names)}"]
    if len(names) == 1:
        return [f"BYDAY={rule.position}{names[0]}"]
    return [f"BYDAY={','.join(names)}", f"BYSETPOS={rule.position}"]
