"""Queries for the past occurrences of repeating tasks."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import BigInteger, and_, bindparam, or_, select

from taskstead.db.database import Reader
from taskstead.db.sql.functions import is_any_of
from taskstead.db.sql.query import Query
from taskstead.db.sql.types import Id, Instant
from taskstead.tables.occurrences import OccurrenceRow, occurrences

_ENDED_AT = bindparam("ended_at", type_=Instant)
_OF_TASK = select(occurrences).where(
    occurrences.c.workspace_id == bindparam("workspace_id"),
    occurrences.c.task_id == bindparam("task_id", type_=Id),
)
_LIST_ENDED = Query(
    OccurrenceRow,
    _OF_TASK.where(
        occurrences.c.deleted_at.is_(None),
        occurrences.c.ended_at <= _ENDED_AT,
        or_(
            occurrences.c.ended_at < _ENDED_AT,
            and_(occurrences.c.ended_at == _ENDED_AT, occurrences.c.id < bindparam("id", type_=Id)),
        ),
    )
    .order_by(occurrences.c.ended_at.desc(), occurrences.c.id.desc())
    .limit(bindparam("limit", type_=BigInteger)),
)
_LIST_OF_TASKS = Query(
    OccurrenceRow,
    select(occurrences).where(
        occurrences.c.workspace_id == bindparam("workspace_id"),
        is_any_of(occurrences.c.task_id, "task_ids"),
    ),
)


async def list_ended_occurrences(
    reader: Reader, workspace_id: str, task_id: str, *, before: tuple[datetime, str], limit: int
) -> list[OccurrenceRow]:
    """Return the past occurrences of a task, the most recent first, without those in the trash.

    Args:
        reader: the database connection to read from.
        workspace_id: the workspace's id.
        task_id: the task's id.
        before: ``ended_at`` and id of the last occurrence on the previous page.
        limit: maximum number of rows.
    """
    ended_at, id_ = before
    parameters = {
        "workspace_id": workspace_id,
        "task_id": task_id,
        "ended_at": ended_at,
        "id": id_,
        "limit": limit,
    }
    return await reader.fetch_all(_LIST_ENDED, parameters)


async def list_occurrences_of_tasks(
    reader: Reader, workspace_id: str, task_ids: Sequence[str]
) -> list[OccurrenceRow]:
    """Return all past occurrences of these tasks, in any order, with those in the trash."""
    parameters = {"workspace_id": workspace_id, "task_ids": list(task_ids)}
    return await reader.fetch_all(_LIST_OF_TASKS, parameters)
