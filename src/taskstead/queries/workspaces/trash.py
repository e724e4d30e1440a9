"""Queries for the purge of trashed workspaces and their rows.

A trashed workspace without members is abandoned: nobody can restore it, so it is purged.
"""

from datetime import datetime
from typing import TypedDict

from sqlalchemy import BigInteger, bindparam, func, not_, select

from taskstead.db.database import LongReader, Reader
from taskstead.db.sql.query import Query
from taskstead.db.sql.types import Id, Instant
from taskstead.tables.changes import changes
from taskstead.tables.rows import IdRow
from taskstead.tables.tasks import tasks
from taskstead.tables.workspaces import members, workspaces


class PurgeableTaskRow(TypedDict):
    """A task of a trashed workspace. ``is_leaf`` is true for a task without sub-tasks."""

    id: str
    is_leaf: bool


class _RevisionRow(TypedDict):
    """A revision; None if the change log is empty."""

    revision: int | None


_LIMIT = bindparam("limit", type_=BigInteger)
_HAS_MEMBERS = select(members.c.user_id).where(members.c.workspace_id == workspaces.c.id).exists()
_FIND_EXPIRED = Query(
    IdRow,
    select(workspaces.c.id)
    .where(workspaces.c.deleted_at <= bindparam("until", type_=Instant), _HAS_MEMBERS)
    .limit(1),
)
_FIND_ABANDONED = Query(
    IdRow,
    select(workspaces.c.id)
    .where(workspaces.c.deleted_at.is_not(None), not_(_HAS_MEMBERS))
    .limit(1),
)
_children = tasks.alias("children")
_IS_PARENT = (
    select(_children.c.id)
    .where(
        _children.c.workspace_id == bindparam("workspace_id"),
        _children.c.parent_id == tasks.c.id,
    )
    .exists()
)
# Newest first, because sub-tasks are mostly newer than their parents.
_LIST_TASKS = Query(
    PurgeableTaskRow,
    select(tasks.c.id, not_(_IS_PARENT).label("is_leaf"))
    .where(
        tasks.c.workspace_id == bindparam("workspace_id"),
        tasks.c.id < bindparam("before_id", type_=Id),
    )
    .order_by(tasks.c.id.desc())
    .limit(_LIMIT),
)
_OLDEST_CHANGES = (
    select(changes.c.revision)
    .where(changes.c.workspace_id == bindparam("workspace_id"))
    .order_by(changes.c.revision)
    .limit(_LIMIT)
    .subquery()
)
_FIND_END = Query(_RevisionRow, select(func.max(_OLDEST_CHANGES.c.revision).label("revision")))


async def find_expired_workspace(reader: LongReader, *, until: datetime) -> str | None:
    """Return the id of a workspace trashed at or before ``until`` that has members, or None."""
    rows = await reader.fetch_all(_FIND_EXPIRED, {"until": until}, is_long=True)
    return rows[0]["id"] if rows else None


async def find_abandoned_workspace(reader: LongReader) -> str | None:
    """Return the id of a trashed workspace without members, or None."""
    rows = await reader.fetch_all(_FIND_ABANDONED, {}, is_long=True)
    return rows[0]["id"] if rows else None


async def list_tasks_to_purge(
    reader: Reader, workspace_id: str, *, before_id: str, limit: int
) -> list[PurgeableTaskRow]:
    """Return up to ``limit`` tasks with ids before ``before_id``, newest first.

    Trashed tasks are included.
    """
    values = {"workspace_id": workspace_id, "before_id": before_id, "limit": limit}
    return await reader.fetch_all(_LIST_TASKS, values)


async def find_end_of_oldest_changes(
    reader: Reader, workspace_id: str, *, limit: int
) -> int | None:
    """Return the last revision of the ``limit`` oldest changes of a log; None if it is empty."""
    row = await reader.fetch_one(_FIND_END, {"workspace_id": workspace_id, "limit": limit})
    return None if row is None else row["revision"]
