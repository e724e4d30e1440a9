"""Statistics of tasks on the wire: the parameters and the answer."""

import re
from datetime import date, timedelta
from typing import Annotated, NamedTuple

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from taskstead.errors import FieldError, ValidationFailedError
from taskstead.schemas.base import Output
from taskstead.schemas.filters import TaskFilter
from taskstead.schemas.tasks import CategoryReference, Status

MAX_DAYS = 366
DEFAULT_DAYS = 30
MAX_TOP = 200
DEFAULT_TOP = 20

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)
# Within these no time zone leads out of the calendar.
_FIRST, _LAST = date(1970, 1, 1), date(9998, 12, 31)


def _check_date(text: str) -> str:
    try:
        # The pattern, because fromisoformat takes week dates and dates without dashes as well.
        is_known = _DATE.match(text) and _FIRST <= date.fromisoformat(text) <= _LAST
    except ValueError:
        is_known = False
    if not is_known:
        code = "date"
        raise PydanticCustomError(code, "A date from 1970 to 9998 is needed, as in 2026-12-01")
    return text


DateText = Annotated[str, Field(max_length=10), AfterValidator(_check_date)]


class DayRange(NamedTuple):
    """Days in a row, both ends included."""

    first: date
    last: date

    def list_days(self) -> list[date]:
        """Return all of them, in order."""
        count = (self.last - self.first).days + 1
        return [self.first + timedelta(days=offset) for offset in range(count)]


class StatisticsQuery(TaskFilter):
    """Statistics of which tasks, and of which days."""

    from_: Annotated[
        DateText | None,
        Field(
            alias="from",
            description="First day of `days`, in the time zone. Left out: 29 days before `to`.",
            examples=["2026-11-01"],
        ),
    ] = None
    to: Annotated[
        DateText | None,
        Field(description="Last day of `days`. Left out: today.", examples=["2026-11-30"]),
    ] = None
    top: Annotated[
        int, Field(ge=1, le=MAX_TOP, description="How many categories and how many tags at most.")
    ] = DEFAULT_TOP


class StatusCount(Output):
    """How many tasks have a status."""

    status: Status
    total: int


class PriorityCount(Output):
    """How many tasks have a priority."""

    priority: int
    total: int
    open: Annotated[int, Field(description="Of these, those to do or in progress.")]


class CategoryCount(Output):
    """How many tasks are filed under a category."""

    category: Annotated[CategoryReference | None, Field(description="null: under none.")]
    total: int
    open: int


class TagReference(Output):
    """A tag."""

    id: str
    name: str


class TagCount(Output):
    """How many tasks carry a tag."""

    tag: TagReference
    total: int
    open: int


class DayCount(Output):
    """What happened on one day, from midnight to midnight in the time zone."""

    date: date
    created: int
    completed: int


class Statistics(Output):
    """Counts of the tasks that meet the conditions."""

    total: int
    open: Annotated[int, Field(description="To do or in progress.")]
    overdue: Annotated[int, Field(description="Open, and the due date has passed.")]
    due_today: Annotated[int, Field(description="Open, and due on this day.")]
    due_this_week: Annotated[
        int, Field(description="Open, and due in this week, from Monday to Sunday.")
    ]
    by_status: Annotated[list[StatusCount], Field(description="Each status, in its order.")]
    by_priority: Annotated[list[PriorityCount], Field(description="1 to 5.")]
    by_category: Annotated[list[CategoryCount], Field(description="Those with most tasks first.")]
    by_tag: Annotated[list[TagCount], Field(description="Those with most tasks first.")]
    days: Annotated[list[DayCount], Field(description="Each day of the range, in order.")]
    median_seconds_to_done: Annotated[
        float | None,
        Field(description="From creation to done, of all that are done; null without any."),
    ]
    time_zone: Annotated[str, Field(description="The one that days were counted in.")]


def resolve_days(given: StatisticsQuery, today: date) -> DayRange:
    """Return the days that are asked for, with the defaults filled in.

    Raises:
        ValidationFailedError: they are the wrong way round or too many.
    """
    last = today if given.to is None else date.fromisoformat(given.to)
    if given.from_ is None:
        return DayRange(max(last - timedelta(days=DEFAULT_DAYS - 1), _FIRST), last)
    first = date.fromisoformat(given.from_)
    if not first <= last < first + timedelta(days=MAX_DAYS):
        message = f"from and to have to span 1 to {MAX_DAYS} days; to is {last} here."
        wrong = FieldError("query/from", message, "range")
        raise ValidationFailedError(message, errors=[wrong])
    return DayRange(first, last)
