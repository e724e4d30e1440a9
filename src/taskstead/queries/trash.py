"""Queries for the trash: trashed tasks, categories and tags."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Table,
    and_,
    bindparam,
    literal,
    not_,
    or_,
    select,
)

from taskstead.db.database import LongReader, Reader
from taskstead.db.query import untyped
from taskstead.db.statements import Row
from taskstead.db.types import Id, Instant
from taskstead.queries.tasks import LISTED_COLUMNS, SUBTASK_COUNTS, select_tasks
from taskstead.tables.categories import categories
from taskstead.tables.tags import tags, task_tags
from taskstead.tables.tasks import tasks
from taskstead.tables.workspaces import workspaces

_LIMIT = bindparam("limit", type_=BigInteger)
_DELETED_AT = bindparam("deleted_at", type_=Instant)
_LIST_TASKS = (
    select_tasks(*LISTED_COLUMNS, *SUBTASK_COUNTS)
    .where(
        tasks.c.deleted_at.is_not(None),
        tasks.c.deleted_at <= _DELETED_AT,
        or_(
            tasks.c.deleted_at < _DELETED_AT,
            and_(tasks.c.deleted_at == _DELETED_AT, tasks.c.id > bindparam("id", type_=Id)),
        ),
    )
    .order_by(tasks.c.deleted_at.desc(), tasks.c.id)
    .limit(_LIMIT)
)
_TRASHED_UNTIL = and_(tasks.c.deleted_at.is_not(None), tasks.c.deleted_at <= _DELETED_AT)
_LIST_OLDEST = (
    select(tasks.c.id)
    .where(tasks.c.workspace_id == bindparam("workspace_id"), _TRASHED_UNTIL)
    .order_by(tasks.c.deleted_at)
    .limit(_LIMIT)
)


def _select_unused(table: Table, kind: str, use: ColumnElement[bool]) -> Select[Any]:
    """Build a query for trashed categories or tags that no task refers to."""
    return select(
        table.c.workspace_id, literal(kind).label("kind"), table.c.id, table.c.deleted_at
    ).where(table.c.deleted_at.is_not(None), table.c.deleted_at <= _DELETED_AT, not_(use))


_UNUSED_CATEGORIES = _select_unused(
    categories,
    "category",
    select(tasks.c.id)
    .where(
        tasks.c.workspace_id == categories.c.workspace_id, tasks.c.category_id == categories.c.id
    )
    .exists(),
)
_UNUSED_TAGS = _select_unused(
    tags,
    "tag",
    select(task_tags.c.task_id)
    .where(task_tags.c.workspace_id == tags.c.workspace_id, task_tags.c.tag_id == tags.c.id)
    .exists(),
)
_LIST_LABELS = [
    statement.where(statement.selected_columns.workspace_id == bindparam("workspace_id")).limit(
        _LIMIT
    )
    for statement in (_UNUSED_CATEGORIES, _UNUSED_TAGS)
]
# Trashed workspaces are excluded, because they are purged as a whole.
_FIND_WORKSPACES = [
    statement.where(
        not_(
            select(workspaces.c.id)
            .where(
                workspaces.c.id == statement.selected_columns.workspace_id,
                workspaces.c.deleted_at.is_not(None),
            )
            .exists()
        )
    ).limit(1)
    for statement in (
        select(tasks.c.workspace_id).where(_TRASHED_UNTIL),
        _UNUSED_CATEGORIES,
        _UNUSED_TAGS,
    )
]


async def list_trashed_tasks(
    reader: Reader, workspace_id: str, *, after: tuple[datetime, str], limit: int
) -> list[Row]:
    """Return trashed tasks, most recently trashed first. Tasks trashed together are ordered by id.

    Args:
        reader: the database connection to read from.
        workspace_id: the workspace's id.
        after: ``deleted_at`` and id of the last task on the previous page.
        limit: maximum number of rows.
    """
    return await reader.fetch_all(
        untyped(_LIST_TASKS),
        {
            "workspace_id": workspace_id,
            "deleted_at": after[0],
            "id": after[1],
            "limit": limit,
        },
    )


async def list_oldest_trashed_ids(
    reader: Reader, workspace_id: str, *, until: datetime, limit: int
) -> list[str]:
    """Return up to ``limit`` ids of tasks trashed at or before ``until``, longest trashed first."""
    rows = await reader.fetch_all(
        untyped(_LIST_OLDEST), {"workspace_id": workspace_id, "deleted_at": until, "limit": limit}
    )
    return [row["id"] for row in rows]


async def list_trashed_labels(
    reader: Reader, workspace_id: str, *, until: datetime, limit: int
) -> list[Row]:
    """Return the categories and tags trashed at or before ``until`` that no task refers to.

    Each row has kind, id and deleted_at. ``limit`` applies to each kind.
    """
    parameters = {"workspace_id": workspace_id, "deleted_at": until, "limit": limit}
    return [
        row
        for statement in _LIST_LABELS
        for row in await reader.fetch_all(untyped(statement), parameters)
    ]


async def find_workspace_with_trash(reader: LongReader, *, until: datetime) -> str | None:
    """Return the id of a workspace with entities trashed at or before ``until``, or None."""
    for statement in _FIND_WORKSPACES:
        rows = await reader.fetch_all(untyped(statement), {"deleted_at": until}, is_long=True)
        if rows:
            return str(rows[0]["workspace_id"])
    return None
