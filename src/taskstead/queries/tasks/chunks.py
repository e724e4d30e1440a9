"""Iterates over tasks in chunks, ordered by task number.

The number of a task never changes and is never reused. So the iteration yields a task that exists
all the time exactly once, even if other tasks change between two chunks.
"""

from collections.abc import AsyncGenerator, Callable, Sequence
from functools import lru_cache
from typing import Any, TypedDict, TypeVar

from sqlalchemy import BigInteger, Select, bindparam, select

from taskstead.db.database import LongReader, Reader
from taskstead.db.sql.functions import is_any_of
from taskstead.db.sql.query import Query
from taskstead.queries.tasks.filters import Conditions, Names, build_where
from taskstead.queries.tasks.statements import build_query
from taskstead.queries.tasks.tasks import select_tasks
from taskstead.tables.tasks import LabelledTaskRow, tasks


class TaskNumberRow(TypedDict):
    """The number of a task."""

    number: int


N = TypeVar("N", TaskNumberRow, LabelledTaskRow)
"""The type of a row that has a number."""

_LIST_BY_NUMBERS = Query(
    LabelledTaskRow,
    select_tasks(*tasks.c).where(is_any_of(tasks.c.number, "numbers")).order_by(tasks.c.number),
)


async def list_tasks_by_numbers(
    reader: Reader, workspace_id: str, numbers: Sequence[int]
) -> list[LabelledTaskRow]:
    """Return the tasks with these numbers, live or trashed, ordered by number."""
    return await reader.fetch_all(
        _LIST_BY_NUMBERS, {"workspace_id": workspace_id, "numbers": list(numbers)}
    )


async def walk_numbers(
    reader: LongReader, conditions: Conditions, *, chunk: int
) -> AsyncGenerator[list[int]]:
    """Yield the numbers of all tasks that match the conditions, in order, in chunks."""
    async for rows in _walk(reader, _build_numbers, conditions, chunk):
        yield [row["number"] for row in rows]


async def walk_tasks(
    reader: LongReader, conditions: Conditions, *, chunk: int
) -> AsyncGenerator[list[LabelledTaskRow]]:
    """Yield all tasks that match the conditions, with descriptions, in chunks ordered by number."""
    async for rows in _walk(reader, _build_tasks, conditions, chunk):
        yield rows


async def _walk(
    reader: LongReader,
    build: Callable[[Names], Query[N]],
    conditions: Conditions,
    chunk: int,
) -> AsyncGenerator[list[N]]:
    if "nothing" in conditions.names:
        return
    query = build_query(conditions, build)
    after = 0
    while True:
        values = {**conditions.values, "after_number": after, "limit": chunk}
        # A long read, because a filter that few tasks match may have to scan all tasks.
        rows = await reader.fetch_all(query, values, is_long=True)
        if rows:
            yield rows
        if len(rows) < chunk:
            return
        after = rows[-1]["number"]


@lru_cache(maxsize=128)
def _build_numbers(names: Names) -> Query[TaskNumberRow]:
    statement = select(tasks.c.number).where(tasks.c.workspace_id == bindparam("workspace_id"))
    return Query(TaskNumberRow, _select_chunk(statement, names))


@lru_cache(maxsize=128)
def _build_tasks(names: Names) -> Query[LabelledTaskRow]:
    return Query(LabelledTaskRow, _select_chunk(select_tasks(*tasks.c), names))


def _select_chunk(statement: Select[Any], names: Names) -> Select[Any]:
    return (
        statement.where(*build_where(names), tasks.c.number > bindparam("after_number"))
        .order_by(tasks.c.number)
        .limit(bindparam("limit", type_=BigInteger))
    )
