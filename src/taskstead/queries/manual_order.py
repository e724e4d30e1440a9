"""Queries for the manual order of tasks, which is by position and then by id.

Trashed tasks keep their positions and are included, so that no other task takes their place.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ScalarSelect, bindparam, select, tuple_

from taskstead.db.database import Reader
from taskstead.db.expressions import is_any_of
from taskstead.db.query import untyped
from taskstead.db.statements import Row
from taskstead.queries.tasks import HAS_REFERENCE
from taskstead.tables.tasks import tasks

_neighbours = tasks.alias("neighbours")


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


_SELECT_POSITIONS = select(tasks.c.id, tasks.c.position).where(
    tasks.c.workspace_id == bindparam("workspace_id")
)
# `number` is selected because it is not in ix_tasks_position. Without it, SQLite would scan that
# whole index instead of looking up the ids.
_LIST_POSITIONS_BY_IDS = _SELECT_POSITIONS.add_columns(tasks.c.number).where(
    is_any_of(tasks.c.id, "ids")
)
_LIST_POSITIONS = _SELECT_POSITIONS.order_by(tasks.c.position, tasks.c.id)
_FIND_FIRST = _LIST_POSITIONS.limit(1)
_FIND_LAST = _SELECT_POSITIONS.order_by(tasks.c.position.desc(), tasks.c.id.desc()).limit(1)
_LIST_NEIGHBOURS = select(
    tasks.c.id,
    tasks.c.number,
    tasks.c.position,
    tasks.c.deleted_at,
    _find_neighbour(is_next=False).label("previous_id"),
    _find_neighbour(is_next=True).label("next_id"),
).where(HAS_REFERENCE)


async def list_neighbours(
    reader: Reader, workspace_id: str, *, ids: Sequence[str], numbers: Sequence[int]
) -> list[Row]:
    """Return id, number, position and deleted_at of tasks, with the ids of their neighbours.

    The neighbours are ``previous_id`` and ``next_id``. They are None at the start or the end of the
    order.
    """
    if not ids and not numbers:
        return []
    return await reader.fetch_all(
        untyped(_LIST_NEIGHBOURS),
        {"workspace_id": workspace_id, "ids": list(ids), "numbers": list(numbers)},
    )


async def list_positions(reader: Reader, workspace_id: str, ids: Sequence[str]) -> list[Row]:
    """Return id, position and number of the tasks with these ids."""
    return await reader.fetch_all(
        untyped(_LIST_POSITIONS_BY_IDS), {"workspace_id": workspace_id, "ids": list(ids)}
    )


async def list_all_positions(reader: Reader, workspace_id: str) -> list[Row]:
    """Return id and position of all tasks of the workspace, in order."""
    return await reader.fetch_all(untyped(_LIST_POSITIONS), {"workspace_id": workspace_id})


async def find_end_position(reader: Reader, workspace_id: str, *, is_first: bool) -> Row | None:
    """Return id and position of the first or the last task, or None if there are no tasks."""
    return await reader.fetch_one(
        untyped(_FIND_FIRST if is_first else _FIND_LAST), {"workspace_id": workspace_id}
    )
