"""Queries for the task tree: ancestors and descendants of tasks."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypedDict

from sqlalchemy import bindparam, select

from taskstead.db.database import Reader
from taskstead.db.sql.functions import is_any_of
from taskstead.db.sql.query import Query
from taskstead.queries.tasks.tasks import HAS_REFERENCE
from taskstead.tables.tasks import tasks


class TreeTaskRow(TypedDict):
    """A task in the task tree, live or trashed."""

    id: str
    number: int
    parent_id: str | None
    category_id: str | None
    deleted_at: datetime | None
    deleted_batch: str | None


_SELECT_COLUMNS = select(
    tasks.c.id,
    tasks.c.number,
    tasks.c.parent_id,
    tasks.c.category_id,
    tasks.c.deleted_at,
    tasks.c.deleted_batch,
)
_SELECT_TASKS = _SELECT_COLUMNS.where(tasks.c.workspace_id == bindparam("workspace_id"))

# UNION instead of UNION ALL, so that a common ancestor of several tasks is visited once.
_ANCESTORS = _SELECT_COLUMNS.where(HAS_REFERENCE).cte("above", recursive=True)
_ANCESTORS = _ANCESTORS.union(_SELECT_TASKS.where(tasks.c.id == _ANCESTORS.c.parent_id))
_LIST_ANCESTORS = Query(TreeTaskRow, select(*_ANCESTORS.c))

_DESCENDANTS = _SELECT_TASKS.where(is_any_of(tasks.c.id, "ids")).cte("below", recursive=True)
_DESCENDANTS = _DESCENDANTS.union(_SELECT_TASKS.where(tasks.c.parent_id == _DESCENDANTS.c.id))
_LIST_DESCENDANTS = Query(TreeTaskRow, select(*_DESCENDANTS.c).order_by(_DESCENDANTS.c.number))


async def list_ancestors(
    reader: Reader, workspace_id: str, *, ids: Sequence[str], numbers: Sequence[int] = ()
) -> list[TreeTaskRow]:
    """Return the tasks with these ids or numbers and their ancestors, live or trashed.

    Each task is returned once.
    """
    parameters = {"workspace_id": workspace_id, "ids": list(ids), "numbers": list(numbers)}
    return await reader.fetch_all(_LIST_ANCESTORS, parameters)


async def list_descendants(
    reader: Reader, workspace_id: str, ids: Sequence[str]
) -> list[TreeTaskRow]:
    """Return the tasks with these ids and their descendants, live or trashed, by number.

    Each task is returned once.
    """
    parameters = {"workspace_id": workspace_id, "ids": list(ids)}
    return await reader.fetch_all(_LIST_DESCENDANTS, parameters)
