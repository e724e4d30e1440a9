"""Statistics: counts of tasks by status, priority, category, tag and day.

``queries/tasks/statistics.py`` counts. This module adds the zeros and the sums.
"""

from collections.abc import Sequence
from datetime import date, datetime
from functools import partial
from typing import TypedDict
from zoneinfo import ZoneInfo

from taskstead.domain.day_ranges import resolve_days
from taskstead.domain.principal import Principal
from taskstead.queries.tasks.statistics import GroupRow, LabelCountRow, read_statistics_rows
from taskstead.schemas.tasks.statistics import StatisticsQuery
from taskstead.services.content_reader import ContentReader, PreparedRead


class StatusCount(TypedDict):
    """The number of tasks with a status."""

    status: str
    total: int


class PriorityCount(TypedDict):
    """The number of tasks with a priority, and how many of them are open."""

    priority: int
    total: int
    open: int


class LabelReference(TypedDict):
    """The id and name of a category or tag."""

    id: str
    name: str | None


class CategoryCount(TypedDict):
    """The number of tasks in a category, or without one."""

    category: LabelReference | None
    total: int
    open: int


class TagCount(TypedDict):
    """The number of tasks with a tag."""

    tag: LabelReference | None
    total: int
    open: int


class DayCount(TypedDict):
    """The number of tasks that were created and completed on a day."""

    date: date
    created: int
    completed: int


class GroupCounts(TypedDict):
    """The counts that are sums over statuses and priorities."""

    total: int
    open: int
    overdue: int
    due_today: int
    due_this_week: int
    by_status: list[StatusCount]
    by_priority: list[PriorityCount]


class TaskStatistics(GroupCounts):
    """The statistics of the matching tasks; see ``schemas.tasks.statistics.Statistics``."""

    by_category: list[CategoryCount]
    by_tag: list[TagCount]
    days: list[DayCount]
    median_seconds_to_done: float | None
    time_zone: str


def prepare_statistics(
    content: ContentReader, principal: Principal, query: StatisticsQuery, *, now: datetime
) -> PreparedRead[TaskStatistics]:
    """Prepare the read of statistics; see :func:`read_statistics`.

    The statistics use the start of the current minute. With the exact time, each request would have
    another cache key.
    """
    minute = now.replace(second=0, microsecond=0)
    filters = query.model_dump(exclude_none=True)
    key = ("stats", filters, principal.user_id, principal.time_zone, minute)
    return PreparedRead(key, partial(read_statistics, content, principal, query, now=minute))


async def read_statistics(
    content: ContentReader, principal: Principal, query: StatisticsQuery, *, now: datetime
) -> TaskStatistics:
    """Return the statistics of the matching tasks.

    Args:
        content: the reader of workspace content.
        principal: the principal, with the workspace and the default time zone.
        query: the filter and the range of days.
        now: the current time, which defines "today" and "overdue".

    Raises:
        ValidationFailedError: the range of days is invalid.
    """
    zone = ZoneInfo(query.time_zone or principal.time_zone)
    days = resolve_days(query.from_, query.to, now.astimezone(zone).date()).list_days()
    read = partial(
        read_statistics_rows, principal=principal, query=query, now=now, zone=zone, days=days
    )
    rows = await content.read(principal, read, is_long=True)
    return {
        **_sum_groups(rows.groups),
        "by_category": [
            {"category": _find_label(row), "total": row["total"], "open": row["open"]}
            for row in rows.by_category
        ],
        "by_tag": [
            {"tag": _find_label(row), "total": row["total"], "open": row["open"]}
            for row in rows.by_tag
        ],
        "days": [
            {
                "date": day,
                "created": rows.created.get(day.isoformat(), 0),
                "completed": rows.completed.get(day.isoformat(), 0),
            }
            for day in days
        ],
        "median_seconds_to_done": None if rows.median is None else round(rows.median, 3),
        "time_zone": zone.key,
    }


def _sum_groups(rows: Sequence[GroupRow]) -> GroupCounts:
    return {
        "total": sum(row["total"] for row in rows),
        "open": sum(row["open"] for row in rows),
        "overdue": sum(row["overdue"] for row in rows),
        "due_today": sum(row["due_today"] for row in rows),
        "due_this_week": sum(row["due_this_week"] for row in rows),
        "by_status": [
            {
                "status": status,
                "total": sum(row["total"] for row in rows if row["status"] == status),
            }
            for status in ("todo", "in_progress", "done", "cancelled")
        ],
        "by_priority": [
            {
                "priority": priority,
                "total": sum(row["total"] for row in rows if row["priority"] == priority),
                "open": sum(row["open"] for row in rows if row["priority"] == priority),
            }
            for priority in range(1, 6)
        ],
    }


def _find_label(row: LabelCountRow) -> LabelReference | None:
    return None if row["id"] is None else {"id": row["id"], "name": row["name"]}
