"""SQL conditions of task filters (``schemas/tasks/filters.py``).

A filter is converted to the names of the conditions that it uses, and to their parameters.
Statements are built from the names alone, so they can be cached for each combination of names.

The text in the parameter ``filter`` becomes expressions (``expressions.py``). They replace the
placeholder in the statement that is built from the names.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, bindparam, false, func, not_

from taskstead.db.database import LongReader
from taskstead.db.sql.assembly import PLACEHOLDER
from taskstead.db.sql.functions import is_any_of
from taskstead.db.sql.types import Id
from taskstead.domain.names import make_name_key
from taskstead.domain.principal import Principal
from taskstead.domain.time_ranges import parse_day_or_moment
from taskstead.ids import find_id, parse_number
from taskstead.queries.search import MATCHES, build_search_values
from taskstead.queries.tasks.conditions import (
    HAS_TAG,
    IS_OVERDUE,
    PARENT_BY_NUMBER,
    bind_instant,
    has_all_tags,
    has_any_tag,
    is_due_after,
    is_due_before,
    is_in_category,
    make_lower_bound,
    make_overdue_values,
    make_upper_bound,
)
from taskstead.queries.tasks.expressions import (
    Expression,
    FilterContext,
    compile_filter,
)
from taskstead.queries.tasks.filter_names import find_members
from taskstead.schemas.tasks.filters import TaskFilter
from taskstead.tables.tasks import tasks

FILTER = "filter"
"""The name of the placeholder for the expressions of the filter language."""
CONDITIONS: dict[str, ColumnElement[bool]] = {
    "status": is_any_of(tasks.c.status, "status"),
    "completed": tasks.c.status == "done",
    "priority": is_any_of(tasks.c.priority, "priority"),
    "priority_min": tasks.c.priority >= bindparam("priority_min"),
    "priority_max": tasks.c.priority <= bindparam("priority_max"),
    "category": is_in_category("category"),
    "no_category": tasks.c.category_id.is_(None),
    "tag": has_all_tags("tag_keys", "tag_count"),
    "tag_any": has_any_tag("tag_any_keys"),
    "no_tag": not_(HAS_TAG),
    "due_before": is_due_before("due_before"),
    "due_after": is_due_after("due_after"),
    "due_on": and_(is_due_after("due_on"), is_due_before("due_on_end")),
    "overdue": func.coalesce(IS_OVERDUE, False),
    "no_due_date": tasks.c.due_at.is_(None),
    "parent": tasks.c.parent_id == bindparam("parent", type_=Id),
    "parent_number": tasks.c.parent_id == PARENT_BY_NUMBER.scalar_subquery(),
    "no_parent": tasks.c.parent_id.is_(None),
    "assignee": tasks.c.assignee_id == bindparam("assignee", type_=Id),
    "no_assignee": tasks.c.assignee_id.is_(None),
    "search": MATCHES,
    # A search text without words, such as punctuation only, matches no task.
    "nothing": false(),
    FILTER: PLACEHOLDER,
    "live": tasks.c.deleted_at.is_(None),
    "deleted": tasks.c.deleted_at.is_not(None),
}
for _column in (tasks.c.created_at, tasks.c.updated_at, tasks.c.completed_at):
    _name = _column.name.removesuffix("_at")
    CONDITIONS[f"{_name}_before"] = _column < bind_instant(f"{_name}_before")
    CONDITIONS[f"{_name}_after"] = _column >= bind_instant(f"{_name}_after")
for _name in ("completed", "no_category", "no_tag", "overdue", "no_due_date"):
    CONDITIONS[f"not_{_name}"] = not_(CONDITIONS[_name])


# A filter with more conditions counts as a long read.
_MAX_SHORT_FILTER = 8
Names = frozenset[str]
"""Keys of ``CONDITIONS``. All conditions must be true. Statements are cached by them."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """A filter as SQL conditions.

    Attributes:
        names: the conditions of the parameters. Statements are built from them.
        expressions: the conditions of the text in the filter language. All must be true.
        values: the parameters of the conditions, and ``workspace_id``.
        is_search: whether the full-text index is searched.
        filter_size: the number of conditions in the text of the filter.
    """

    names: Names
    expressions: frozenset[Expression]
    values: dict[str, Any]
    is_search: bool
    filter_size: int = 0

    @property
    def is_long(self) -> bool:
        """Whether a page of the matching tasks is a long read.

        A search may read every task, and a filter with many conditions takes long for each task.
        """
        return self.is_search or self.filter_size > _MAX_SHORT_FILTER

    @property
    def key(self) -> tuple[list[str], list[str]]:
        """The conditions in a fixed order, for the key of a cache."""
        return sorted(self.names), sorted(map(str, self.expressions))


# A key of ``CONDITIONS``, and the values of the parameters of the condition.
_Condition = tuple[str, Mapping[str, Any]]


def build_conditions(
    principal: Principal,
    task_filter: TaskFilter,
    now: datetime,
    *,
    dialect: str,
    corrections: Mapping[str, Sequence[str]] = MappingProxyType({}),
    members: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> Conditions:
    """Convert a filter to SQL conditions.

    Args:
        principal: the user of the request, with the workspace. ``me`` is this user.
        task_filter: the filter.
        now: the current time, which defines "today" and "overdue".
        dialect: the database's dialect, which determines the search syntax.
        corrections: spelling corrections by word; see ``queries.search.find_corrections``.
        members: the ids of the members that the text of the filter names; see
            ``queries.tasks.filter_names.find_members``.
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
    names = set(found)
    expressions: frozenset[Expression] = frozenset()
    is_search = "search" in names
    filter_size = 0
    if task_filter.filter:
        context = FilterContext(principal, zone, now, dialect, members)
        compiled = compile_filter(task_filter.filter, context)
        expressions = compiled.expressions
        # A text without conditions has no expressions.
        names |= {FILTER} if expressions else set()
        values |= compiled.values
        is_search = is_search or compiled.is_search
        filter_size = compiled.size
    return Conditions(frozenset(names), expressions, values, is_search, filter_size)


async def load_conditions(
    reader: LongReader, principal: Principal, task_filter: TaskFilter, now: datetime
) -> Conditions:
    """Convert a filter to SQL conditions. Reads the members if the filter names any.

    Args:
        reader: the database connection to read from.
        principal: the user of the request, with the workspace. ``me`` is this user.
        task_filter: the filter.
        now: the current time, which defines "today" and "overdue".
    """
    members = await find_members(reader, principal, task_filter.filter)
    return build_conditions(principal, task_filter, now, dialect=reader.dialect, members=members)


def build_where(names: Names) -> list[ColumnElement[bool]]:
    """Return the conditions with these names, always in the same order."""
    return [CONDITIONS[name] for name in sorted(names, key=_get_position)]


def _get_position(name: str) -> tuple[int, str]:
    """Return the sort key of a condition in a statement.

    Searches are first. If several sub-selects are equally good, SQLite uses the index for the first
    of them, and a search usually finds few tasks.
    """
    return {"search": 0, FILTER: 1}.get(name, 2), name


def _list_flags(task_filter: TaskFilter) -> Iterator[_Condition]:
    """Yield the conditions without parameters."""
    for name in ("completed", "no_category", "no_tag", "no_due_date"):
        is_required = getattr(task_filter, name)
        if is_required is not None:
            yield name if is_required else f"not_{name}", {}
    trash = task_filter.effective_trash
    if trash == "exclude":
        yield "live", {}
    elif trash == "only":
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
        ids = [id_ for id_ in map(find_id, task_filter.category) if id_]
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
            make_upper_bound("due_before", time_range.start, time_range.local_start),
        )
    if task_filter.due_after is not None:
        time_range = parse_day_or_moment(task_filter.due_after, zone, now)
        yield "due_after", make_lower_bound("due_after", time_range.end, time_range.local_end)
    if task_filter.due_on is not None:
        time_range = parse_day_or_moment(task_filter.due_on, zone, now)
        yield (
            "due_on",
            {
                **make_lower_bound("due_on", time_range.start, time_range.local_start),
                **make_upper_bound("due_on_end", time_range.end, time_range.local_end),
            },
        )
    if task_filter.overdue is not None:
        today = parse_day_or_moment("today", zone, now)
        # The local time, as if it were UTC.
        local = now.astimezone(zone).replace(tzinfo=now.tzinfo)
        name = "overdue" if task_filter.overdue else "not_overdue"
        yield name, make_overdue_values(today, now, local)
