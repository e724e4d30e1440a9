"""Task listings with any filter and sort order. A page needs one statement.

Pagination is by keyset: a page continues after the sort key of the last row of the previous page,
not after a number of rows. So rows that are added or deleted between two pages cause no duplicates
and no gaps. Statements are cached for each combination of conditions, sort order and NULLs in the
sort key.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, and_, bindparam, false, func, or_, select

from taskstead.db.database import LongReader
from taskstead.db.sql.functions import is_any_of
from taskstead.db.sql.query import Query
from taskstead.db.sql.types import Id
from taskstead.domain.sorting import SortKey
from taskstead.queries.search import RELEVANCE
from taskstead.queries.tasks.filters import Conditions, Names, build_where
from taskstead.queries.tasks.statements import build_query
from taskstead.queries.tasks.tasks import LISTED_COLUMNS, SUBTASK_COUNTS, select_tasks
from taskstead.tables.rows import CountRow, IdRow
from taskstead.tables.tasks import SortedTaskRow, tasks

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
# Sort columns that a listing returns only if they are in its sort order. It always returns the
# others.
_OPTIONAL_COLUMNS = {
    "due_date": tasks.c.due_at,
    "title": tasks.c.title_key,
    "relevance": RELEVANCE.label("relevance"),
}
_RESULT_NAMES = {name: column.name for name, column in _OPTIONAL_COLUMNS.items()}
_NULLABLE = {"due_date", "completed_at"}
# Unique columns. A sort order without any of them is completed with the id.
_UNIQUE = {"number", "id"}

Key = tuple[Any, ...]
"""The values of a row in the columns of a sort order."""


def complete_sort(sort: Sequence[SortKey]) -> tuple[SortKey, ...]:
    """Return a total sort order: it ends after the first unique column, or with the id."""
    total = []
    for key in sort:
        total.append(key)
        if key.name in _UNIQUE:
            return tuple(total)
    return (*total, SortKey("id", is_descending=False))


def get_key(row: SortedTaskRow, sort: Sequence[SortKey]) -> Key:
    """Return the sort key of a row. The next page of :func:`list_tasks` starts after it."""
    values: Mapping[str, object] = row
    return tuple(values[_RESULT_NAMES.get(key.name, key.name)] for key in sort)


async def list_tasks(
    reader: LongReader,
    conditions: Conditions,
    sort: tuple[SortKey, ...],
    *,
    after: Key | None,
    limit: int,
    with_description: bool = False,
) -> list[SortedTaskRow]:
    """Return a page of tasks in the sort order.

    A row also has the values of its sort key; see :func:`get_key`.

    Args:
        reader: the database connection to read from.
        conditions: the filter.
        sort: a total sort order; see :func:`complete_sort`. NULLs are last in every column.
        after: the sort key to continue after; None for the first page.
        limit: maximum number of rows.
        with_description: whether to read the descriptions.
    """
    if "nothing" in conditions.names:
        return []
    nulls = None if after is None else tuple(value is None for value in after)
    query = build_query(conditions, build_listing, sort, nulls, with_description)
    key_values = {f"after_{key.name}": value for key, value in zip(sort, after or (), strict=False)}
    return await reader.fetch_all(
        query,
        {**conditions.values, **key_values, "limit": limit},
        is_long=conditions.is_long,
    )


async def count_tasks(reader: LongReader, conditions: Conditions) -> int:
    """Return the number of tasks that match the conditions."""
    if "nothing" in conditions.names:
        return 0
    query = build_query(conditions, _build_count)
    rows = await reader.fetch_all(query, conditions.values, is_long=conditions.is_long)
    return rows[0]["count"]


async def list_matching_ids(
    reader: LongReader, conditions: Conditions, ids: Sequence[str]
) -> set[str]:
    """Return the ids of those of the tasks that match the conditions."""
    if "nothing" in conditions.names or not ids:
        return set()
    values = {**conditions.values, "listed_ids": list(ids)}
    query = build_query(conditions, _build_matching)
    rows = await reader.fetch_all(query, values, is_long=True)
    return {row["id"] for row in rows}


@lru_cache(maxsize=128)
def _build_matching(names: Names) -> Query[IdRow]:
    return Query(
        IdRow,
        select(tasks.c.id).where(
            tasks.c.workspace_id == bindparam("workspace_id", type_=Id),
            is_any_of(tasks.c.id, "listed_ids"),
            *build_where(names),
        ),
    )


@lru_cache(maxsize=512)
def build_listing(
    names: Names,
    sort: tuple[SortKey, ...],
    nulls: tuple[bool, ...] | None,
    with_description: bool,  # noqa: FBT001 - part of the cache's key
) -> Query[SortedTaskRow]:
    """Build the query of :func:`list_tasks`. Cached for each combination of arguments.

    Args:
        names: names of the conditions.
        sort: a total sort order.
        nulls: for each value of the sort key to continue after, whether it is NULL. None for the
            first page.
        with_description: whether to read the descriptions.
    """
    columns = [
        *LISTED_COLUMNS,
        *SUBTASK_COUNTS,
        *([tasks.c.description] if with_description else []),
        *(_OPTIONAL_COLUMNS[key.name] for key in sort if key.name in _OPTIONAL_COLUMNS),
    ]
    statement = select_tasks(*columns).where(*build_where(names))
    if nulls is not None:
        statement = statement.where(_is_after(sort, nulls))
    return Query(
        SortedTaskRow,
        statement.order_by(*_build_order(sort)).limit(bindparam("limit", type_=BigInteger)),
    )


@lru_cache(maxsize=512)
def _build_count(names: Names) -> Query[CountRow]:
    return Query(
        CountRow,
        select(func.count().label("count"))
        .select_from(tasks)
        .where(tasks.c.workspace_id == bindparam("workspace_id", type_=Id), *build_where(names)),
    )


def _build_order(sort: tuple[SortKey, ...]) -> list[ColumnElement[Any]]:
    order: list[ColumnElement[Any]] = []
    for key in sort:
        column = _SORT_COLUMNS[key.name]
        directed = column.desc() if key.is_descending else column.asc()
        # NULLS LAST only for nullable columns, because no index can serve it.
        order.append(directed.nulls_last() if key.name in _NULLABLE else directed)
    return order


def _is_after(sort: tuple[SortKey, ...], nulls: tuple[bool, ...]) -> ColumnElement[bool]:
    """Build the condition that a row comes after the key.

    A row is after the key if it is after it in one column and equal in all columns before that
    column.
    """
    alternatives: list[ColumnElement[bool]] = []
    equal: list[ColumnElement[bool]] = []
    for key, is_null in zip(sort, nulls, strict=True):
        column = _SORT_COLUMNS[key.name]
        value = bindparam(f"after_{key.name}", type_=column.type)
        alternatives.append(and_(*equal, _is_greater(column, value, key, is_null=is_null)))
        equal.append(column.is_(None) if is_null else column == value)
    after = or_(*alternatives)
    first = sort[0]
    if len(sort) == 1 or first.name in _NULLABLE or first.name == "relevance":
        return after
    # This condition is redundant. It lets an index scan start at the key.
    column, value = _SORT_COLUMNS[first.name], bindparam(f"after_{first.name}")
    return and_(column <= value if first.is_descending else column >= value, after)


def _is_greater(
    column: ColumnElement[Any], value: ColumnElement[Any], key: SortKey, *, is_null: bool
) -> ColumnElement[bool]:
    if is_null:
        return false()
    greater = column < value if key.is_descending else column > value
    return or_(greater, column.is_(None)) if key.name in _NULLABLE else greater
