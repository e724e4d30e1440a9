"""Schemas of task statistics: parameters and response."""

import re
from datetime import date, timedelta
from typing import Annotated, NamedTuple

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from taskstead.errors import FieldError, ValidationFailedError
from taskstead.schemas.base import Output
from taskstead.schemas.tasks.filters import TaskFilter
from taskstead.schemas.tasks.tasks import CategoryReference, Status

MAX_DAYS = 366
DEFAULT_DAYS = 30
MAX_TOP = 200
DEFAULT_TOP = 20

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)
# The first and last accepted date. Between them, times can be converted to any time zone without an
# overflow.
_FIRST, _LAST = date(1970, 1, 1), date(9998, 12, 31)


def _check_date(text: str) -> str:
    try:
        # The pattern is needed because fromisoformat also accepts week dates and dates without
        # dashes.
        is_valid = _DATE.match(text) and _FIRST <= date.fromisoformat(text) <= _LAST
    except ValueError:
        is_valid = False
    if not is_valid:
        code = "date"
        raise PydanticCustomError(
            code, "Input should be a date from 1970 to 9998, for example 2026-12-01"
        )
    return text


DateText = Annotated[str, Field(max_length=10), AfterValidator(_check_date)]


class DayRange(NamedTuple):
    """A range of days, both ends included."""

    first: date
    last: date

    def list_days(self) -> list[date]:
        """Return all days in order."""
        count = (self.last - self.first).days + 1
        return [self.first + timedelta(days=offset) for offset in range(count)]


class StatisticsQuery(TaskFilter):
    """The parameters of task statistics: a task filter and a range of days."""

    from_: Annotated[
        DateText | None,
        Field(
            alias="from",
            description="The first day of `days`. Default: 29 days before `to`.",
            examples=["2026-11-01"],
        ),
    ] = None
    to: Annotated[
        DateText | None,
        Field(description="The last day of `days`. Default: today.", examples=["2026-11-30"]),
    ] = None
    top: Annotated[
        int, Field(ge=1, le=MAX_TOP, description="The maximum number of categories and of tags.")
    ] = DEFAULT_TOP


class StatusCount(Output):
    """The number of tasks with a status."""

    status: Status
    total: int


class PriorityCount(Output):
    """The number of tasks with a priority."""

    priority: int
    total: int
    open: Annotated[int, Field(description="The number of these that are to do or in progress.")]


class CategoryCount(Output):
    """The number of tasks in a category."""

    category: Annotated[CategoryReference | None, Field(description="Null: no category.")]
    total: int
    open: int


class TagReference(Output):
    """A tag."""

    id: str
    name: str


class TagCount(Output):
    """The number of tasks with a tag."""

    tag: TagReference
    total: int
    open: int


class DayCount(Output):
    """The counts of one day, from midnight to midnight in the time zone."""

    date: date
    created: int
    completed: int


class Statistics(Output):
    """Statistics of the matching tasks."""

    total: int
    open: Annotated[int, Field(description="The number of tasks to do or in progress.")]
    overdue: Annotated[
        int, Field(description="The number of open tasks with a due date in the past.")
    ]
    due_today: Annotated[int, Field(description="The number of open tasks due today.")]
    due_this_week: Annotated[
        int, Field(description="The number of open tasks due this week, Monday to Sunday.")
    ]
    by_status: Annotated[list[StatusCount], Field(description="All statuses in order.")]
    by_priority: Annotated[list[PriorityCount], Field(description="All priorities from 1 to 5.")]
    by_category: Annotated[list[CategoryCount], Field(description="In descending order of tasks.")]
    by_tag: Annotated[list[TagCount], Field(description="In descending order of tasks.")]
    days: Annotated[list[DayCount], Field(description="All days of the range in order.")]
    median_seconds_to_done: Annotated[
        float | None,
        Field(
            description="The median time from creation to completion of done tasks; null without "
            "any."
        ),
    ]
    time_zone: Annotated[str, Field(description="The time zone of the days.")]


def resolve_days(query: StatisticsQuery, today: date) -> DayRange:
    """Return the requested range of days, with defaults.

    Raises:
        ValidationFailedError: the range is reversed or too long.
    """
    last = today if query.to is None else date.fromisoformat(query.to)
    if query.from_ is None:
        return DayRange(max(last - timedelta(days=DEFAULT_DAYS - 1), _FIRST), last)
    first = date.fromisoformat(query.from_)
    if not first <= last < first + timedelta(days=MAX_DAYS):
        message = f"The range from `from` to `to` ({last}) must have 1 to {MAX_DAYS} days."
        field_error = FieldError("query/from", message, "range")
        raise ValidationFailedError(message, errors=[field_error])
    return DayRange(first, last)
