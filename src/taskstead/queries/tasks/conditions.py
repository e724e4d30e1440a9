"""SQL conditions on tasks, which the filter parameters and the filter language share.

An instant is a due date with a known UTC time. Other due dates (dates and floating date-times) are
in local time, so most conditions compare twice: with a UTC time and with a local time. Local times
are stored and bound as if they were UTC.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Select,
    and_,
    bindparam,
    func,
    or_,
    select,
)

from taskstead.db.sql.functions import is_any_of
from taskstead.db.sql.types import Id, Instant
from taskstead.domain.time_ranges import TimeRange
from taskstead.queries.tasks.tasks import IS_OPEN
from taskstead.tables.labels.categories import categories
from taskstead.tables.labels.tags import tags, task_tags
from taskstead.tables.occurrences import occurrences
from taskstead.tables.tasks import tasks

_parents = tasks.alias("parents")
_children = tasks.alias("filter_children")
_occurrences = occurrences.alias("filter_occurrences")
WORKSPACE = bindparam("workspace_id", type_=Id)


def bind_instant(name: str) -> BindParameter[datetime]:
    """Build a parameter for a time."""
    return bindparam(name, type_=Instant)


def is_due_before(name: str) -> ColumnElement[bool]:
    """Build the condition that a task is due before a time.

    Instants are compared with the time in UTC, other due dates with the local time. The first
    condition is the weaker of the two, so that the index on ``due_at`` can be used.
    """
    return and_(
        tasks.c.due_at < bind_instant(f"{name}_bound"),
        or_(
            and_(tasks.c.due_kind == "instant", tasks.c.due_at < bind_instant(name)),
            and_(tasks.c.due_kind != "instant", tasks.c.due_at < bind_instant(f"{name}_local")),
        ),
    )


def is_due_after(name: str) -> ColumnElement[bool]:
    """Build the condition that a task is due at or after a time. See :func:`is_due_before`."""
    return and_(
        tasks.c.due_at >= bind_instant(f"{name}_bound"),
        or_(
            and_(tasks.c.due_kind == "instant", tasks.c.due_at >= bind_instant(name)),
            and_(tasks.c.due_kind != "instant", tasks.c.due_at >= bind_instant(f"{name}_local")),
        ),
    )


# Overdue: an open task with an instant or floating date-time in the past, or with a date before
# today.
IS_OVERDUE = and_(
    IS_OPEN,
    tasks.c.due_at < bind_instant("now_bound"),
    or_(
        and_(tasks.c.due_kind == "date", tasks.c.due_at < bind_instant("today_local")),
        and_(tasks.c.due_kind == "floating", tasks.c.due_at < bind_instant("now_local")),
        and_(tasks.c.due_kind == "instant", tasks.c.due_at < bind_instant("now")),
    ),
)


def _select_tags(name: str) -> Select[Any]:
    """Build a query for the ids of the tags with the case-folded names in a parameter."""
    return select(tags.c.id).where(
        tags.c.workspace_id == WORKSPACE,
        tags.c.deleted_at.is_(None),
        is_any_of(tags.c.name_key, name),
    )


def has_any_tag(name: str) -> ColumnElement[bool]:
    """Build the condition that a task has any of the tags. It uses the index on tags."""
    tagged = select(task_tags.c.task_id).where(
        task_tags.c.workspace_id == WORKSPACE, task_tags.c.tag_id.in_(_select_tags(name))
    )
    return tasks.c.id.in_(tagged)


def has_all_tags(name: str, count: str) -> ColumnElement[bool]:
    """Build the condition that a task has all of the tags.

    The task must have as many of the tags as the parameter ``count`` states.
    """
    matching_count = (
        select(func.count())
        .select_from(task_tags)
        .where(
            task_tags.c.workspace_id == tasks.c.workspace_id,
            task_tags.c.task_id == tasks.c.id,
            task_tags.c.tag_id.in_(_select_tags(name)),
        )
        .correlate(tasks)
        .scalar_subquery()
    )
    return and_(has_any_tag(name), matching_count == bindparam(count, type_=BigInteger))


HAS_TAG = (
    select(task_tags.c.task_id)
    .where(task_tags.c.workspace_id == tasks.c.workspace_id, task_tags.c.task_id == tasks.c.id)
    .correlate(tasks)
    .exists()
)
HAS_SUBTASKS = (
    select(_children.c.id)
    .where(
        _children.c.workspace_id == tasks.c.workspace_id,
        _children.c.parent_id == tasks.c.id,
        _children.c.deleted_at.is_(None),
    )
    .correlate(tasks)
    .exists()
)


def has_occurrence(is_wanted: Callable[[ColumnElement[Any]], Any]) -> ColumnElement[bool]:
    """Build the condition that a repeating task has a completed occurrence.

    Args:
        is_wanted: returns the condition on the time of its completion.
    """
    return (
        select(_occurrences.c.id)
        .where(
            _occurrences.c.workspace_id == tasks.c.workspace_id,
            _occurrences.c.task_id == tasks.c.id,
            _occurrences.c.outcome == "done",
            _occurrences.c.deleted_at.is_(None),
            is_wanted(_occurrences.c.ended_at),
        )
        .correlate(tasks)
        .exists()
    )


PARENT_BY_NUMBER = select(_parents.c.id).where(
    _parents.c.workspace_id == WORKSPACE,
    _parents.c.number == bindparam("parent_number", type_=BigInteger),
)


def is_in_category(name: str) -> ColumnElement[bool]:
    """Build the condition that a task is in one of the categories in two parameters.

    ``<name>_keys`` are case-folded names, and ``<name>_ids`` are ids.
    """
    ids = select(categories.c.id).where(
        categories.c.workspace_id == WORKSPACE,
        or_(
            is_any_of(categories.c.name_key, f"{name}_keys"),
            is_any_of(categories.c.id, f"{name}_ids"),
        ),
    )
    return tasks.c.category_id.in_(ids)


def has_parent(name: str) -> ColumnElement[bool]:
    """Build the condition that a task is a direct sub-task of one of the tasks in two parameters.

    ``<name>_numbers`` are task numbers, and ``<name>_ids`` are ids.
    """
    # Both branches have the workspace, because SQLite chooses an index for each branch of an OR by
    # its own conditions.
    ids = select(_parents.c.id).where(
        or_(
            and_(
                _parents.c.workspace_id == WORKSPACE,
                is_any_of(_parents.c.number, f"{name}_numbers"),
            ),
            and_(_parents.c.workspace_id == WORKSPACE, is_any_of(_parents.c.id, f"{name}_ids")),
        )
    )
    return tasks.c.parent_id.in_(ids)


def make_upper_bound(name: str, instant: datetime, local: datetime) -> dict[str, datetime]:
    """Return the parameters of :func:`is_due_before`.

    Args:
        name: name of the condition.
        instant: the time in UTC.
        local: the local time, as if it were UTC.
    """
    return {name: instant, f"{name}_local": local, f"{name}_bound": max(instant, local)}


def make_lower_bound(name: str, instant: datetime, local: datetime) -> dict[str, datetime]:
    """Return the parameters of :func:`is_due_after`; see :func:`make_upper_bound`."""
    return {name: instant, f"{name}_local": local, f"{name}_bound": min(instant, local)}


def make_overdue_values(today: TimeRange, now: datetime, local: datetime) -> Mapping[str, Any]:
    """Return the parameters of ``IS_OVERDUE``.

    Args:
        today: the current day.
        now: the current time in UTC.
        local: the current local time, as if it were UTC.
    """
    return {"today_local": today.local_start, **make_upper_bound("now", now, local)}
