"""Listings of tasks: any filter, any order, page by page, one statement each.

Pages continue behind a key (keyset pagination), never behind a count: rows that come and go between
two pages neither repeat nor hide others. A statement is built for each combination of conditions,
order and NULLs in the key, and kept.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, and_, bindparam, false, func, or_, select

from taskstead.db.database import LongReader
from taskstead.db.statements import Row
from taskstead.db.types import Id
from taskstead.queries.search import RELEVANCE
from taskstead.queries.task_filters import CONDITIONS, Conditions
from taskstead.queries.tasks import LISTED_COLUMNS, SUBTASK_COUNTS, select_tasks
from taskstead.schemas.sorting import SortKey
from taskstead.tables.tasks import tasks

_SORT_COLUMNS: dict[str, ColumnElement[Any]] = {
    "created_at": tasks.c.created_at,
    "updated_at": tasks.c.updated_at,
    "due_date": tasks.c.due_at,
    "priority": tasks.c.priority,
    "title": tasks.c.title_key,
    "position": tasks.c.position,
    "completed_at": tasks.c.completed_at,
    "number": tasks.c.number,
    "relevance": RELEVANCE,
    "id": tasks.c.id,
}
_NULLABLE = {"due_date", "completed_at"}
# With one of these the order is total; else the id is added.
_UNIQUE = {"number", "id"}

Key = tuple[Any, ...]


def complete_sort(sort: Sequence[SortKey]) -> tuple[SortKey, ...]:
    """Return an order made total: what comes after a unique key has no say, without one the id."""
    complete = []
    for key in sort:
        complete.append(key)
        if key.name in _UNIQUE:
            return tuple(complete)
    return (*complete, SortKey("id", is_descending=False))


def get_key(row: Row, sort: Sequence[SortKey]) -> Key:
    """Return a row's place in a listing, for :func:`list_tasks` to continue behind."""
    return tuple(row[f"sort_{key.name}"] for key in sort)


def is_long_listing(conditions: Conditions) -> bool:
    """Return whether a listing is a long read: a search may look at every task."""
    return "search" in conditions.names


async def list_tasks(
    reader: LongReader,
    conditions: Conditions,
    sort: tuple[SortKey, ...],
    *,
    after: Key | None,
    limit: int,
    with_description: bool = False,
) -> list[Row]:
    """Return tasks in order, with their place as ``sort_…`` for :func:`get_key`.

    Args:
        reader: where to look.
        conditions: which tasks.
        sort: a total order, see :func:`complete_sort`; NULLs come last in each key.
        after: the place behind which to continue; None to begin.
        limit: how many at most.
        with_description: whether to read the descriptions.
    """
    if "nothing" in conditions.names:
        return []
    nulls = None if after is None else tuple(value is None for value in after)
    statement = build_listing(conditions.names, sort, nulls, with_description)
    places = {f"after_{key.name}": value for key, value in zip(sort, after or (), strict=False)}
    return await reader.fetch_all(
        statement,
        {**conditions.values, **places, "limit": limit},
        is_long=is_long_listing(conditions),
    )


async def count_tasks(reader: LongReader, conditions: Conditions) -> int:
    """Return how many tasks meet the conditions."""
    if "nothing" in conditions.names:
        return 0
    rows = await reader.fetch_all(
        _build_count(conditions.names), conditions.values, is_long=is_long_listing(conditions)
    )
    return int(rows[0]["count"])


@lru_cache(maxsize=512)
def build_listing(
    names: frozenset[str],
    sort: tuple[SortKey, ...],
    nulls: tuple[bool, ...] | None,
    with_description: bool,  # noqa: FBT001 - part of the cache's key
) -> Select[Any]:
    """Build the statement of :func:`list_tasks`, one for each combination.

    Args:
        names: of the conditions.
        sort: a total order.
        nulls: which values are NULL in the place to continue behind; None to begin.
        with_description: whether to read the descriptions.
    """
    columns = [
        *LISTED_COLUMNS,
        *SUBTASK_COUNTS,
        *([tasks.c.description] if with_description else []),
    ]
    places = [_SORT_COLUMNS[key.name].label(f"sort_{key.name}") for key in sort]
    statement = select_tasks(*columns, *places).where(*build_where(names))
    if nulls is not None:
        statement = statement.where(_is_behind(sort, nulls))
    return statement.order_by(*_build_order(sort)).limit(bindparam("limit", type_=BigInteger))


@lru_cache(maxsize=512)
def _build_count(names: frozenset[str]) -> Select[Any]:
    return (
        select(func.count().label("count"))
        .select_from(tasks)
        .where(tasks.c.workspace_id == bindparam("workspace_id", type_=Id), *build_where(names))
    )


def build_where(names: frozenset[str]) -> list[ColumnElement[bool]]:
    """Return the conditions of these names, always in the same order."""
    return [CONDITIONS[name] for name in sorted(names)]


def _build_order(sort: tuple[SortKey, ...]) -> list[ColumnElement[Any]]:
    order: list[ColumnElement[Any]] = []
    for key in sort:
        column = _SORT_COLUMNS[key.name]
        directed = column.desc() if key.is_descending else column.asc()
        # Only where there can be any: an index serves an order without NULLS LAST.
        order.append(directed.nulls_last() if key.name in _NULLABLE else directed)
    return order


def _is_behind(sort: tuple[SortKey, ...], nulls: tuple[bool, ...]) -> ColumnElement[bool]:
    """Tell whether a row lies behind the place: greater in one key and equal in all before it."""
    ways: list[ColumnElement[bool]] = []
    equal: list[ColumnElement[bool]] = []
    for key, is_null in zip(sort, nulls, strict=True):
        column = _SORT_COLUMNS[key.name]
        value = bindparam(f"after_{key.name}", type_=column.type)
        ways.append(and_(*equal, _is_greater(column, value, key, is_null=is_null)))
        equal.append(column.is_(None) if is_null else column == value)
    behind = or_(*ways)
    first = sort[0]
    if len(sort) == 1 or first.name in _NULLABLE or first.name == "relevance":
        return behind
    # Says nothing new, but is a range that an index can begin at.
    column, value = _SORT_COLUMNS[first.name], bindparam(f"after_{first.name}")
    return and_(column <= value if first.is_descending else column >= value, behind)


def _is_greater(
    column: ColumnElement[Any], value: ColumnElement[Any], key: SortKey, *, is_null: bool
) -> ColumnElement[bool]:
    if is_null:
        return false()
    greater = column < value if key.is_descending else column > value
    return or_(greater, column.is_(None)) if key.name in _NULLABLE else greater
