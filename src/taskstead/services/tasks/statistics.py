"""Statistics: counts of tasks by status, priority, category, tag and day.

``queries/tasks/statistics.py`` counts. This module adds the zeros and the sums.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from typing import TypedDict
from zoneinfo import ZoneInfo

from taskstead.domain.day_ranges import resolve_days
from taskstead.domain.filters.nodes import FilterWarning
from taskstead.queries.tasks.filter_names import find_members
from taskstead.queries.tasks.statistics import GroupRow, LabelCountRow, read_statistics_rows
from taskstead.schemas.tasks.statistics import StatisticsQuery
from taskstead.services.context import PreparedRead, ReadContext
from taskstead.services.filters import read_warnings


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
    warnings: Sequence[FilterWarning]


async def prepare_statistics(
    ctx: ReadContext, query: StatisticsQuery
) -> PreparedRead[TaskStatistics]:
    """Prepare the read of statistics for the start of this minute; see :func:`read_statistics`."""
    minute_ctx = replace(ctx, now=ctx.minute)
    filters = query.model_dump(exclude_none=True)
    # Names of users are not in the change log, so they are part of the key.
    members = await find_members(ctx.database, ctx.principal, query.filter)
    filters["deleted"] = query.effective_trash
    key = ("stats", filters, members, ctx.principal.user_id, ctx.principal.time_zone, ctx.minute)
    return PreparedRead(key, partial(read_statistics, minute_ctx, query))


async def read_statistics(ctx: ReadContext, query: StatisticsQuery) -> TaskStatistics:
    """Return the statistics of the matching tasks.

    Args:
        ctx: the context of the request.
        query: the filter and the range of days.

    Raises:
        ValidationFailedError: the range of days is invalid.
    """
    zone = ZoneInfo(query.time_zone or ctx.principal.time_zone)
    days = resolve_days(query.from_, query.to, ctx.now.astimezone(zone).date()).list_days()
    read = partial(
        read_statistics_rows,
        principal=ctx.principal,
        query=query,
        now=ctx.now,
        zone=zone,
        days=days,
    )
    rows = await ctx.read_content(read, is_long=True)
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
        "warnings": await read_warnings(ctx, query.filter),
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
