"""SQL functions for dates and durations, including the local date in a time zone.

The time zone data of the database may differ from Python's, so SQL does not use it. Instead, Python
splits a range of days at the clock changes of the time zone. Each of the resulting intervals has a
constant UTC offset. SQL adds the offset of the interval to the UTC time.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, bindparam, case
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import Float, Text

from taskstead.db.sql.types import Instant

_DAY = timedelta(days=1)


class shifted_day_of(ColumnElement[str]):  # noqa: N801 - reads like the SQL function it stands for
    """The date of an instant plus an offset in seconds, such as ``2026-12-01``.

    Args:
        column: an ``Instant`` column.
        seconds: the UTC offset, positive east of UTC.
    """

    inherit_cache = False
    type = Text()

    def __init__(self, column: ColumnElement[Any], seconds: ColumnElement[Any]) -> None:
        self.column = column
        self.seconds = seconds


@compiles(shifted_day_of, "postgresql")
def _shifted_day_of_on_postgresql(element: shifted_day_of, compiler: SQLCompiler, **kw: Any) -> str:
    column = compiler.process(element.column, **kw)
    seconds = compiler.process(element.seconds, **kw)
    local_time = f"({column} AT TIME ZONE 'UTC') + make_interval(secs => {seconds})"
    return f"to_char({local_time}, 'YYYY-MM-DD')"


@compiles(shifted_day_of, "sqlite")
def _shifted_day_of_on_sqlite(element: shifted_day_of, compiler: SQLCompiler, **kw: Any) -> str:
    column = compiler.process(element.column, **kw)
    seconds = compiler.process(element.seconds, **kw)
    # The fraction of the second is cut off, because SQLite would round it, possibly to the next
    # day.
    return f"date(substr({column}, 1, 19), {seconds} || ' seconds')"


class seconds_between(ColumnElement[float]):  # noqa: N801 - as above
    """The number of seconds between two instants, including the fraction."""

    inherit_cache = False
    type = Float()

    def __init__(self, start: ColumnElement[Any], end: ColumnElement[Any]) -> None:
        self.start = start
        self.end = end


@compiles(seconds_between, "postgresql")
def _seconds_between_on_postgresql(
    element: seconds_between, compiler: SQLCompiler, **kw: Any
) -> str:
    start = compiler.process(element.start, **kw)
    end = compiler.process(element.end, **kw)
    return f"CAST(EXTRACT(EPOCH FROM {end} - {start}) AS double precision)"


@compiles(seconds_between, "sqlite")
def _seconds_between_on_sqlite(element: seconds_between, compiler: SQLCompiler, **kw: Any) -> str:
    start, end = (
        f"(strftime('%s', substr({column}, 1, 19)) + substr({column}, 21, 6) / 1e6)"
        for column in (
            compiler.process(element.start, **kw),
            compiler.process(element.end, **kw),
        )
    )
    return f"({end} - {start})"


class DayShifts:
    """A range of days in a time zone, split into intervals with a constant UTC offset.

    Attributes:
        start: the instant at which the first day begins.
        end: the instant at which the last day ends.
        count: the number of intervals.
        parameters: the parameters of a statement with :func:`build_day`, by name. They include
            ``days_start`` and ``days_end``.
    """

    def __init__(self, days: Sequence[date], zone: tzinfo) -> None:
        midnights = [
            datetime(day.year, day.month, day.day, tzinfo=UTC) for day in (*days, days[-1] + _DAY)
        ]
        # The instants at which the days begin in the time zone.
        begins = [midnight.replace(tzinfo=zone).astimezone(UTC) for midnight in midnights]
        shifts = [midnight - begin for midnight, begin in zip(midnights, begins, strict=True)]
        self.start, self.end = begins[0], begins[-1]
        self.parameters: dict[str, Any] = {
            "days_start": self.start,
            "days_end": self.end,
            "day_shift_0": _count_seconds(shifts[0]),
        }
        self.count = 1
        for index in range(1, len(begins)):
            if shifts[index] == shifts[index - 1]:
                continue
            # On a day of 25 hours, the previous offset applies to the first 24 hours, and the new
            # offset to the last hour.
            cut = min(begins[index], begins[index - 1] + _DAY)
            self.parameters[f"day_cut_{self.count}"] = cut
            self.parameters[f"day_shift_{self.count}"] = _count_seconds(shifts[index])
            self.count += 1


def _count_seconds(offset: timedelta) -> int:
    return round(offset.total_seconds())


def build_day(column: ColumnElement[Any], count: int) -> ColumnElement[str]:
    """Return the local date of an ``Instant`` column.

    Args:
        column: the column.
        count: the number of intervals of the :class:`DayShifts` whose parameters are used.
    """
    shifts = [bindparam(f"day_shift_{index}", type_=BigInteger) for index in range(count)]
    if count == 1:
        return shifted_day_of(column, shifts[0])
    cuts = (bindparam(f"day_cut_{index}", type_=Instant) for index in range(1, count))
    cases = [(column < cut, shift) for cut, shift in zip(cuts, shifts, strict=False)]
    return shifted_day_of(column, case(*cases, else_=shifts[-1]))
