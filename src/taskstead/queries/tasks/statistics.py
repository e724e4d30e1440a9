"""Statistics: counts of tasks by status, priority, category, tag and day.

Every statement applies a task filter (``filters.py``). The number of statements does not
depend on the number of tasks, categories or days.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple, TypedDict
from zoneinfo import ZoneInfo

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
    and_,
    bindparam,
    case,
    func,
    not_,
    or_,
    select,
    true,
)

from taskstead.db.database import LongReader
from taskstead.db.sql.query import Query
from taskstead.db.sql.time_functions import DayShifts, build_day, seconds_between
from taskstead.db.sql.types import Id, Instant
from taskstead.domain.principal import Principal
from taskstead.domain.time_ranges import parse_day_or_moment
from taskstead.queries.tasks.filters import (
    CONDITIONS,
    Names,
    build_conditions,
    build_where,
    load_conditions,
)
from taskstead.queries.tasks.statements import build_query
from taskstead.queries.tasks.tasks import IS_OPEN
from taskstead.schemas.tasks.filters import TaskFilter
from taskstead.schemas.tasks.statistics import StatisticsQuery
from taskstead.tables.labels.categories import categories
from taskstead.tables.labels.tags import tags, task_tags
from taskstead.tables.occurrences import occurrences
from taskstead.tables.tasks import tasks


class GroupRow(TypedDict):
    """The counts of the tasks with one status and one priority."""

    status: str
    priority: int
    total: int
    open: int
    overdue: int
    due_today: int
    due_this_week: int


class LabelCountRow(TypedDict):
    """The counts of the tasks with one category or tag; id and name are null without a category."""

    id: str | None
    name: str | None
    total: int
    open: int


class DayCountRow(TypedDict):
    """The number of tasks that were created or completed on a day."""

    day: str
    total: int


class MedianRow(TypedDict):
    """The median number of seconds from creation to completion; null without completed tasks."""

    median: float | None


class StatisticsRows(NamedTuple):
    """The rows of all statements.

    Attributes:
        groups: the counts by status and priority.
        by_category: the categories with the most tasks.
        by_tag: the tags with the most tasks.
        created: the number of created tasks by day (``2026-12-01``).
        completed: the number of completed tasks by day, and of completed occurrences of repeating
            tasks.
        median: the median number of seconds from creation to completion.
    """

    groups: list[GroupRow]
    by_category: list[LabelCountRow]
    by_tag: list[LabelCountRow]
    created: Mapping[str, int]
    completed: Mapping[str, int]
    median: float | None


# Aliases, because the conditions of a filter select from the same tables.
_category = categories.alias("category")
_tag = tags.alias("tag")
_task_tag = task_tags.alias("task_tag")

_DAYS_OF_WEEK = 7
_OPEN_COUNT = func.count(case((IS_OPEN, 1))).label("open")
_TOTAL_COUNT = func.count().label("total")
_TOP = bindparam("top", type_=BigInteger)
_WITH_OCCURRENCES = tasks.join(
    occurrences,
    and_(
        occurrences.c.workspace_id == tasks.c.workspace_id,
        occurrences.c.task_id == tasks.c.id,
        occurrences.c.outcome == "done",
        occurrences.c.deleted_at.is_(None),
    ),
)
# Whether the completion of a task is also that of the last occurrence of its series.
_COMPLETES_OCCURRENCE = (
    select(occurrences.c.id)
    .where(
        occurrences.c.workspace_id == tasks.c.workspace_id,
        occurrences.c.task_id == tasks.c.id,
        occurrences.c.ended_at == tasks.c.completed_at,
        occurrences.c.outcome == "done",
        occurrences.c.deleted_at.is_(None),
    )
    .correlate(tasks)
    .exists()
)
# The events that the statistics by day count: the rows, the column with the time, and a condition.
_EVENTS: dict[str, tuple[FromClause, ColumnElement[Any], ColumnElement[bool]]] = {
    "created": (tasks, tasks.c.created_at, true()),
    "completed": (tasks, tasks.c.completed_at, not_(_COMPLETES_OCCURRENCE)),
    "repeated": (_WITH_OCCURRENCES, occurrences.c.ended_at, true()),
}


def _is_due_within(name: str) -> ColumnElement[bool]:
    """Build the condition that an open task is due in a period.

    An instant is compared with the period in UTC. A date or a floating date-time is compared with
    the period in local time.
    """

    def is_within(suffix: str) -> ColumnElement[bool]:
        start, end = (
            bindparam(f"{name}{suffix}_{side}", type_=Instant) for side in ("start", "end")
        )
        return and_(tasks.c.due_at >= start, tasks.c.due_at < end)

    return and_(
        IS_OPEN,
        or_(
            and_(tasks.c.due_kind == "instant", is_within("")),
            and_(tasks.c.due_kind != "instant", is_within("_local")),
        ),
    )


# Counted in addition to all tasks and the open tasks.
_DUE_CONDITIONS = {
    "overdue": CONDITIONS["overdue"],
    "due_today": _is_due_within("today"),
    "due_this_week": _is_due_within("week"),
}


async def read_statistics_rows(
    reader: LongReader,
    principal: Principal,
    query: StatisticsQuery,
    now: datetime,
    *,
    zone: ZoneInfo,
    days: Sequence[date],
) -> StatisticsRows:
    """Return the counts of the matching tasks.

    Args:
        reader: the database connection to read from.
        principal: the user of the request, with the workspace.
        query: the filter, and the number of categories and tags.
        now: the current time, which defines "today" and "overdue".
        zone: the time zone of the days.
        days: the days on which created and completed tasks are counted.
    """
    conditions = await load_conditions(reader, principal, query, now)
    values = conditions.values
    due = _build_due_values(principal, zone.key, now, reader.dialect)
    top = {**values, "top": query.top}
    shifts = DayShifts(days, zone)
    shifted = {**values, **shifts.parameters}
    by_day: dict[str, Counter[str]] = {}
    for event in _EVENTS:
        counts = build_query(conditions, _build_by_day, event, shifts.count)
        rows = await reader.fetch_all(counts, shifted, is_long=True)
        by_day[event] = Counter({row["day"]: row["total"] for row in rows})
    (median,) = await reader.fetch_all(build_query(conditions, _build_median), values, is_long=True)
    return StatisticsRows(
        groups=await reader.fetch_all(
            build_query(conditions, _build_groups), {**values, **due}, is_long=True
        ),
        by_category=await reader.fetch_all(
            build_query(conditions, _build_by_category), top, is_long=True
        ),
        by_tag=await reader.fetch_all(build_query(conditions, _build_by_tag), top, is_long=True),
        created=by_day["created"],
        completed=by_day["completed"] + by_day["repeated"],
        median=median["median"],
    )


def _build_due_values(
    principal: Principal, zone: str, now: datetime, dialect: str
) -> dict[str, Any]:
    """Return the parameters for the conditions in ``_DUE_CONDITIONS``."""
    overdue = TaskFilter(overdue=True, time_zone=zone)
    values = build_conditions(principal, overdue, now, dialect=dialect).values
    today = now.astimezone(ZoneInfo(zone)).date()
    monday = today - timedelta(days=today.weekday())
    periods = {
        "today": (today, today),
        "week": (monday, monday + timedelta(days=_DAYS_OF_WEEK - 1)),
    }
    for name, (first, last) in periods.items():
        start = parse_day_or_moment(first.isoformat(), ZoneInfo(zone), now)
        end = parse_day_or_moment(last.isoformat(), ZoneInfo(zone), now)
        values |= {
            f"{name}_start": start.start,
            f"{name}_end": end.end,
            f"{name}_local_start": start.local_start,
            f"{name}_local_end": end.local_end,
        }
    return values


def _select_counted(names: Names, source: FromClause, *columns: ColumnElement[Any]) -> Select[Any]:
    """Build a query on the tasks of the workspace that match the named conditions."""
    return (
        select(*columns)
        .select_from(source)
        .where(tasks.c.workspace_id == bindparam("workspace_id", type_=Id), *build_where(names))
    )


@lru_cache(maxsize=128)
def _build_groups(names: Names) -> Query[GroupRow]:
    counts = [func.count(case((is_due, 1))).label(name) for name, is_due in _DUE_CONDITIONS.items()]
    columns = (tasks.c.status, tasks.c.priority)
    statement = _select_counted(names, tasks, *columns, _TOTAL_COUNT, _OPEN_COUNT, *counts)
    return Query(GroupRow, statement.group_by(*columns))


@lru_cache(maxsize=128)
def _build_by_category(names: Names) -> Query[LabelCountRow]:
    source = tasks.outerjoin(
        _category,
        and_(
            _category.c.workspace_id == tasks.c.workspace_id,
            _category.c.id == tasks.c.category_id,
        ),
    )
    columns = (_category.c.id, _category.c.name)
    return Query(
        LabelCountRow,
        _select_counted(names, source, *columns, _TOTAL_COUNT, _OPEN_COUNT)
        .group_by(*columns, _category.c.sort_key)
        .order_by(_TOTAL_COUNT.desc(), _category.c.sort_key.asc().nulls_first(), _category.c.id)
        .limit(_TOP),
    )


@lru_cache(maxsize=128)
def _build_by_tag(names: Names) -> Query[LabelCountRow]:
    source = tasks.join(
        _task_tag,
        and_(
            _task_tag.c.workspace_id == tasks.c.workspace_id,
            _task_tag.c.task_id == tasks.c.id,
        ),
    ).join(
        _tag, and_(_tag.c.workspace_id == _task_tag.c.workspace_id, _tag.c.id == _task_tag.c.tag_id)
    )
    columns = (_tag.c.id, _tag.c.name)
    return Query(
        LabelCountRow,
        _select_counted(names, source, *columns, _TOTAL_COUNT, _OPEN_COUNT)
        .group_by(*columns, _tag.c.sort_key)
        .order_by(_TOTAL_COUNT.desc(), _tag.c.sort_key)
        .limit(_TOP),
    )


@lru_cache(maxsize=128)
def _build_by_day(names: Names, event: str, range_count: int) -> Query[DayCountRow]:
    source, column, condition = _EVENTS[event]
    days = (
        _select_counted(names, source, build_day(column, range_count).label("day"))
        .where(
            column >= bindparam("days_start", type_=Instant),
            column < bindparam("days_end", type_=Instant),
            condition,
        )
        .subquery()
    )
    return Query(DayCountRow, select(days.c.day, _TOTAL_COUNT).group_by(days.c.day))


@lru_cache(maxsize=128)
def _build_median(names: Names) -> Query[MedianRow]:
    """Build the median of the seconds from creation to completion.

    It is the mean of the one or two values in the middle.
    """
    # `completed_at` can be earlier than `created_at` if a clock was turned back or the task was
    # imported from a file of an earlier version. The duration then counts as zero.
    is_reversed = tasks.c.completed_at < tasks.c.created_at
    difference = seconds_between(tasks.c.created_at, tasks.c.completed_at)
    seconds = case((is_reversed, 0.0), else_=difference).label("seconds")
    done = _select_counted(names, tasks, seconds).where(tasks.c.status == "done").subquery()
    ranked = select(
        done.c.seconds,
        func.row_number().over(order_by=done.c.seconds).label("rank"),
        func.count().over().label("total"),
    ).subquery()
    # One value for an odd count (the 2nd of 3), two for an even count (the 2nd and 3rd of 4).
    is_middle = (2 * ranked.c.rank).between(ranked.c.total, ranked.c.total + 2)
    median = func.avg(ranked.c.seconds).label("median")
    return Query(MedianRow, select(median).where(is_middle))
