"""Calendar arithmetic of quick add. Weekdays count from 0, Monday."""

from calendar import monthrange
from datetime import date, timedelta

MONDAY = 0
SATURDAY = 5
SUNDAY = 6
# The longest month of each number, which is February in a leap year.
_MOST_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
# Two leap days are at most eight years apart, for example 1896 and 1904.
_LEAP_YEARS_APART = 8


def get_month_length(year: int, month: int) -> int:
    """Return the number of days of a month."""
    return monthrange(year, month)[1]


def make_day(year: int, month: int, day: int) -> date | None:
    """Return a day; None if it does not exist."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def clamp_day(year: int, month: int, day: int) -> date:
    """Return a day of a month, or the last day of the month if it is shorter."""
    return date(year, month, min(day, get_month_length(year, month)))


def add_months(day: date, months: int) -> date:
    """Return the same day of a later month, or the last day of that month if it is shorter."""
    years, month = divmod(day.month - 1 + months, 12)
    return clamp_day(day.year + years, month + 1, day.day)


def find_weekday_from(start: date, weekday: int) -> date:
    """Return the first such weekday on or after a day."""
    return start + timedelta(days=(weekday - start.weekday()) % 7)


def find_weekday_after(today: date, weekday: int) -> date:
    """Return the first such weekday after a day."""
    return find_weekday_from(today + timedelta(days=1), weekday)


def find_weekday_of_next_week(today: date, weekday: int) -> date:
    """Return a weekday of the week after the week of a day. Weeks begin on Monday."""
    return find_weekday_after(today, MONDAY) + timedelta(days=weekday)


def find_weekend(today: date) -> date:
    """Return the Saturday of this week; on a Sunday the same day, because Saturday has passed."""
    return today if today.weekday() == SUNDAY else find_weekday_from(today, SATURDAY)


def find_day_of_year(today: date, month: int, day: int) -> date | None:
    """Return the first such day from today on; None if no year has such a day."""
    if not 1 <= month <= 12 or not 1 <= day <= _MOST_DAYS[month - 1]:
        return None
    for year in range(today.year, today.year + _LEAP_YEARS_APART + 1):
        found = make_day(year, month, day)
        if found is not None and found >= today:
            return found
    return None


def find_nth_weekday(year: int, month: int, weekdays: tuple[int, ...], number: int) -> date | None:
    """Return the n-th day of a month with one of the weekdays; None if there are fewer.

    Args:
        year: the year.
        month: the month.
        weekdays: the weekdays.
        number: 1 for the first such day, -1 for the last.
    """
    first = date(year, month, 1)
    days = [
        day
        for offset in range(get_month_length(year, month))
        if (day := first + timedelta(days=offset)).weekday() in weekdays
    ]
    index = number - 1 if number > 0 else number
    return days[index] if index < len(days) else None
