"""Queries for the manual order of tasks, which is by position and then by id.

Trashed tasks keep their positions and are included, so that no other task takes their place.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypedDict

from sqlalchemy import ScalarSelect, bindparam, select, tuple_

from taskstead.db.database import Reader
from taskstead.db.sql.functions import is_any_of
from taskstead.db.sql.query import Query
from taskstead.queries.tasks.tasks import HAS_REFERENCE
from taskstead.tables.tasks import tasks

_neighbours = tasks.alias("neighbours")


class PlacedTaskRow(TypedDict):
    """A task and its position."""

    id: str
    number: int
    position: str


class NeighbouredTaskRow(PlacedTaskRow):
    """A task and the ids of the tasks before and after it, or None at the start or the end."""

    deleted_at: datetime | None
    previous_id: str | None
    next_id: str | None


def _find_neighbour(*, is_next: bool) -> ScalarSelect[Any]:
    """Build a correlated subquery for the id of the task directly before or after a task."""
    task_key = tuple_(tasks.c.position, tasks.c.id)
    neighbour_key = tuple_(_neighbours.c.position, _neighbours.c.id)
    position, id_ = _neighbours.c.position, _neighbours.c.id
    order = (position, id_) if is_next else (position.desc(), id_.desc())
    return (
        select(id_)
        .where(
            _neighbours.c.workspace_id == tasks.c.workspace_id,
            neighbour_key > task_key if is_next else neighbour_key < task_key,
        )
        .order_by(*order)
        .limit(1)
        .correlate(tasks)
        .scalar_subquery()
    )


# `number` is not in ix_tasks_position. Without it, SQLite would scan that whole index instead of
# looking up the ids.
_SELECT_POSITIONS = select(tasks.c.id, tasks.c.number, tasks.c.position).where(
    tasks.c.workspace_id == bindparam("workspace_id")
)
_LIST_BY_IDS = Query(PlacedTaskRow, _SELECT_POSITIONS.where(is_any_of(tasks.c.id, "ids")))
_IN_ORDER = _SELECT_POSITIONS.order_by(tasks.c.position, tasks.c.id)
_LIST_ALL = Query(PlacedTaskRow, _IN_ORDER)
_FIND_FIRST = Query(PlacedTaskRow, _IN_ORDER.limit(1))
_FIND_LAST = Query(
    PlacedTaskRow,
    _SELECT_POSITIONS.order_by(tasks.c.position.desc(), tasks.c.id.desc()).limit(1),
)
_LIST_NEIGHBOURS = Query(
    NeighbouredTaskRow,
    select(
        tasks.c.id,
        tasks.c.number,
        tasks.c.position,
        tasks.c.deleted_at,
        _find_neighbour(is_next=False).label("previous_id"),
        _find_neighbour(is_next=True).label("next_id"),
    ).where(HAS_REFERENCE),
)


async def list_neighbours(
    reader: Reader, workspace_id: str, *, ids: Sequence[str], numbers: Sequence[int]
) -> list[NeighbouredTaskRow]:
    """Return the tasks with these ids or numbers, and the ids of their neighbours."""
    if not ids and not numbers:
        return []
    return await reader.fetch_all(
        _LIST_NEIGHBOURS,
        {"workspace_id": workspace_id, "ids": list(ids), "numbers": list(numbers)},
    )


async def list_positions(
    reader: Reader, workspace_id: str, ids: Sequence[str]
) -> list[PlacedTaskRow]:
    """Return the positions of the tasks with these ids."""
    return await reader.fetch_all(_LIST_BY_IDS, {"workspace_id": workspace_id, "ids": list(ids)})


async def list_all_positions(reader: Reader, workspace_id: str) -> list[PlacedTaskRow]:
    """Return the positions of all tasks of the workspace, in order."""
    return await reader.fetch_all(_LIST_ALL, {"workspace_id": workspace_id})


async def find_end_position(
    reader: Reader, workspace_id: str, *, is_first: bool
) -> PlacedTaskRow | None:
    """Return the position of the first or the last task, or None if there are no tasks."""
    return await reader.fetch_one(
        _FIND_FIRST if is_first else _FIND_LAST, {"workspace_id": workspace_id}
    )
