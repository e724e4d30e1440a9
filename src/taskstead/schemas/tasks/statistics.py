"""Schemas of task statistics: parameters and response."""

from datetime import date
from typing import Annotated

from pydantic import ConfigDict, Field

from taskstead.schemas.base import Output, drop_defaults
from taskstead.schemas.dates import DateText
from taskstead.schemas.filters import FilterWarnings
from taskstead.schemas.tasks.filters import TaskFilter
from taskstead.schemas.tasks.tasks import CategoryReference, Status

MAX_TOP = 200
DEFAULT_TOP = 20


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

    model_config = ConfigDict(json_schema_extra=drop_defaults)

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
    warnings: FilterWarnings
