"""SQL conditions of task filters (``schemas/tasks/filters.py``).

A filter is converted to the names of the conditions that it uses, and to their parameters.
Statements are built from the names alone, so they can be cached for each combination of names.

An instant is a due date with a known UTC time. Other due dates (dates and floating date-times) are
in local time, so most conditions compare twice: with a UTC time and with a local time. Local times
are stored and bound as if they were UTC.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Select,
    and_,
    bindparam,
    false,
    func,
    not_,
    or_,
    select,
)

from taskstead.db.sql.functions import is_any_of
from taskstead.db.sql.types import Id, Instant
from taskstead.domain.names import make_name_key
from taskstead.domain.principal import Principal
from taskstead.domain.time_ranges import parse_day_or_moment
from taskstead.ids import parse_id, parse_number
from taskstead.queries.search import MATCHES, build_search_values
from taskstead.queries.tasks.tasks import IS_OPEN
from taskstead.schemas.tasks.filters import TaskFilter
from taskstead.tables.categories import categories
from taskstead.tables.tags import tags, task_tags
from taskstead.tables.tasks import tasks

_parents = tasks.alias("parents")
_WORKSPACE = bindparam("workspace_id", type_=Id)


def _bind_instant(name: str) -> BindParameter[datetime]:
    return bindparam(name, type_=Instant)


def _is_due_before(name: str) -> ColumnElement[bool]:
    """Build the condition that a task is due before a time.

    Instants are compared with the time in UTC, other due dates with the local time. The first
    condition is the weaker of the two, so that the index on ``due_at`` can be used.
    """
    return and_(
        tasks.c.due_at < _bind_instant(f"{name}_bound"),
        or_(
            and_(tasks.c.due_kind == "instant", tasks.c.due_at < _bind_instant(name)),
            and_(tasks.c.due_kind != "instant", tasks.c.due_at < _bind_instant(f"{name}_local")),
        ),
    )


def _is_due_after(name: str) -> ColumnElement[bool]:
    """Build the condition that a task is due at or after a time. See :func:`_is_due_before`."""
    return and_(
        tasks.c.due_at >= _bind_instant(f"{name}_bound"),
        or_(
            and_(tasks.c.due_kind == "instant", tasks.c.due_at >= _bind_instant(name)),
            and_(tasks.c.due_kind != "instant", tasks.c.due_at >= _bind_instant(f"{name}_local")),
        ),
    )


# Overdue: an open task with an instant or floating date-time in the past, or with a date before
# today.
_IS_OVERDUE = and_(
    IS_OPEN,
    tasks.c.due_at < _bind_instant("now_bound"),
    or_(
        and_(tasks.c.due_kind == "date", tasks.c.due_at < _bind_instant("today_local")),
        and_(tasks.c.due_kind == "floating", tasks.c.due_at < _bind_instant("now_local")),
        and_(tasks.c.due_kind == "instant", tasks.c.due_at < _bind_instant("now")),
    ),
)


def _select_tags(name: str) -> Select[Any]:
    """Build a query for the ids of the tags with the case-folded names in a parameter."""
    return select(tags.c.id).where(
        tags.c.workspace_id == _WORKSPACE,
        tags.c.deleted_at.is_(None),
        is_any_of(tags.c.name_key, name),
    )


def _has_any_tag(name: str) -> ColumnElement[bool]:
    """Build the condition that a task has any of the tags. It uses the index on tags."""
    tagged = select(task_tags.c.task_id).where(
        task_tags.c.workspace_id == _WORKSPACE, task_tags.c.tag_id.in_(_select_tags(name))
    )
    return tasks.c.id.in_(tagged)


def _has_all_tags(name: str, count: str) -> ColumnElement[bool]:
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
    return and_(_has_any_tag(name), matching_count == bindparam(count, type_=BigInteger))


_HAS_TAG = (
    select(task_tags.c.task_id)
    .where(task_tags.c.workspace_id == tasks.c.workspace_id, task_tags.c.task_id == tasks.c.id)
    .correlate(tasks)
    .exists()
)
_CATEGORY_IDS = select(categories.c.id).where(
    categories.c.workspace_id == _WORKSPACE,
    or_(
        is_any_of(categories.c.name_key, "category_keys"),
        is_any_of(categories.c.id, "category_ids"),
    ),
)
_PARENT_BY_NUMBER = select(_parents.c.id).where(
    _parents.c.workspace_id == _WORKSPACE,
    _parents.c.number == bindparam("parent_number", type_=BigInteger),
)

CONDITIONS: dict[str, ColumnElement[bool]] = {
    "status": is_any_of(tasks.c.status, "status"),
    "completed": tasks.c.status == "done",
    "priority": is_any_of(tasks.c.priority, "priority"),
    "priority_min": tasks.c.priority >= bindparam("priority_min"),
    "priority_max": tasks.c.priority <= bindparam("priority_max"),
    "category": tasks.c.category_id.in_(_CATEGORY_IDS),
    "no_category": tasks.c.category_id.is_(None),
    "tag": _has_all_tags("tag_keys", "tag_count"),
    "tag_any": _has_any_tag("tag_any_keys"),
    "no_tag": not_(_HAS_TAG),
    "due_before": _is_due_before("due_before"),
    "due_after": _is_due_after("due_after"),
    "due_on": and_(_is_due_after("due_on"), _is_due_before("due_on_end")),
    "overdue": func.coalesce(_IS_OVERDUE, False),
    "no_due_date": tasks.c.due_at.is_(None),
    "parent": tasks.c.parent_id == bindparam("parent", type_=Id),
    "parent_number": tasks.c.parent_id == _PARENT_BY_NUMBER.scalar_subquery(),
    "no_parent": tasks.c.parent_id.is_(None),
    "assignee": tasks.c.assignee_id == bindparam("assignee", type_=Id),
    "no_assignee": tasks.c.assignee_id.is_(None),
    "search": MATCHES,
    # A search text without words, such as punctuation only, matches no task.
    "nothing": false(),
    "live": tasks.c.deleted_at.is_(None),
    "deleted": tasks.c.deleted_at.is_not(None),
}
for _column in (tasks.c.created_at, tasks.c.updated_at, tasks.c.completed_at):
    _name = _column.name.removesuffix("_at")
    CONDITIONS[f"{_name}_before"] = _column < _bind_instant(f"{_name}_before")
    CONDITIONS[f"{_name}_after"] = _column >= _bind_instant(f"{_name}_after")
for _name in ("completed", "no_category", "no_tag", "overdue", "no_due_date"):
    CONDITIONS[f"not_{_name}"] = not_(CONDITIONS[_name])


@dataclass(frozen=True, slots=True)
class Conditions:
    """A filter as SQL conditions.

    Attributes:
        names: keys of ``CONDITIONS``. Statements are built from them.
        values: the parameters of the conditions, and ``workspace_id``.
    """

    names: frozenset[str]
    values: dict[str, Any]


# A key of ``CONDITIONS``, and the values of the parameters of the condition.
_Condition = tuple[str, Mapping[str, Any]]


def build_conditions(
    principal: Principal,
    task_filter: TaskFilter,
    now: datetime,
    *,
    dialect: str,
    corrections: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> Conditions:
    """Convert a filter to SQL conditions.

    Args:
        principal: the user of the request, with the workspace. ``me`` is this user.
        task_filter: the filter.
        now: the current time, which defines "today" and "overdue".
        dialect: the database's dialect, which determines the search syntax.
        corrections: spelling corrections by word; see ``queries.search.find_corrections``.
    """
    zone = ZoneInfo(task_filter.time_zone or principal.time_zone)
    found = dict(
        chain(
            _list_flags(task_filter),
            _list_values(task_filter),
            _list_references(principal, task_filter),
            _list_times(task_filter, zone, now),
        )
    )
    if task_filter.q is not None:
        search = build_search_values(dialect, principal.workspace_id, task_filter.q, corrections)
        found["nothing" if search is None else "search"] = search or {}
    values: dict[str, Any] = {"workspace_id": principal.workspace_id}
    for parameters in found.values():
        values |= parameters
    return Conditions(frozenset(found), values)


def _list_flags(task_filter: TaskFilter) -> Iterator[_Condition]:
    """Yield the conditions without parameters."""
    for name in ("completed", "no_category", "no_tag", "no_due_date"):
        is_required = getattr(task_filter, name)
        if is_required is not None:
            yield name if is_required else f"not_{name}", {}
    if task_filter.deleted == "exclude":
        yield "live", {}
    elif task_filter.deleted == "only":
        yield "deleted", {}


def _list_values(task_filter: TaskFilter) -> Iterator[_Condition]:
    """Yield the conditions that compare a column with values of the filter."""
    for name in ("status", "priority", "priority_min", "priority_max"):
        value = getattr(task_filter, name)
        if value not in (None, []):
            yield name, {name: value}


def _list_references(principal: Principal, task_filter: TaskFilter) -> Iterator[_Condition]:
    """Yield the conditions about categories, tags, parents and assignees."""
    if task_filter.category:
        keys = [make_name_key(name) for name in task_filter.category]
        ids = [id_ for id_ in map(_find_id, task_filter.category) if id_]
        yield "category", {"category_keys": keys, "category_ids": ids}
    if task_filter.tag:
        keys = sorted({make_name_key(name) for name in task_filter.tag})
        yield "tag", {"tag_keys": keys, "tag_count": len(keys)}
    if task_filter.tag_any:
        yield "tag_any", {"tag_any_keys": [make_name_key(name) for name in task_filter.tag_any]}
    if task_filter.parent is not None:
        number = parse_number(task_filter.parent)
        if number is not None:
            yield "parent_number", {"parent_number": number}
        else:
            yield _match_reference("parent", task_filter.parent)
    if task_filter.assignee is not None:
        assignee = principal.user_id if task_filter.assignee == "me" else task_filter.assignee
        yield _match_reference("assignee", assignee)


def _find_id(text: str) -> str | None:
    try:
        return parse_id(text)
    except ValueError:
        return None


def _match_reference(name: str, value: str) -> _Condition:
    """Return the condition that a column has this value, or for ``none`` that it is null."""
    return (f"no_{name}", {}) if value == "none" else (name, {name: value})


def _list_times(task_filter: TaskFilter, zone: ZoneInfo, now: datetime) -> Iterator[_Condition]:
    """Yield the conditions about the times of a task and its due date."""
    for event in ("created", "updated", "completed"):
        for side in ("before", "after"):
            text = getattr(task_filter, f"{event}_{side}")
            if text is not None:
                time_range = parse_day_or_moment(text, zone, now)
                name = f"{event}_{side}"
                yield name, {name: time_range.start if side == "before" else time_range.end}
    if task_filter.due_before is not None:
        time_range = parse_day_or_moment(task_filter.due_before, zone, now)
        yield (
            "due_before",
            _make_upper_bound("due_before", time_range.start, time_range.local_start),
        )
    if task_filter.due_after is not None:
        time_range = parse_day_or_moment(task_filter.due_after, zone, now)
        yield "due_after", _make_lower_bound("due_after", time_range.end, time_range.local_end)
    if task_filter.due_on is not None:
        time_range = parse_day_or_moment(task_filter.due_on, zone, now)
        yield (
            "due_on",
            {
                **_make_lower_bound("due_on", time_range.start, time_range.local_start),
                **_make_upper_bound("due_on_end", time_range.end, time_range.local_end),
            },
        )
    if task_filter.overdue is not None:
        today = parse_day_or_moment("today", zone, now)
        # The local time, as if it were UTC.
        local = now.astimezone(zone).replace(tzinfo=now.tzinfo)
        yield (
            "overdue" if task_filter.overdue else "not_overdue",
            {
                "today_local": today.local_start,
                **_make_upper_bound("now", now, local),
            },
        )


def _make_upper_bound(name: str, instant: datetime, local: datetime) -> dict[str, datetime]:
    """Return the parameters of :func:`_is_due_before`.

    Args:
        name: name of the condition.
        instant: the time in UTC.
        local: the local time, as if it were UTC.
    """
    return {name: instant, f"{name}_local": local, f"{name}_bound": max(instant, local)}


def _make_lower_bound(name: str, instant: datetime, local: datetime) -> dict[str, datetime]:
    """Return the parameters of :func:`_is_due_after`; see :func:`_make_upper_bound`."""
    return {name: instant, f"{name}_local": local, f"{name}_bound": min(instant, local)}
