"""Queries for health checks: gaps in change logs, the search index, overdue jobs, the last change.

They are for the administrator of the server, so they read the data of all workspaces.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import TypedDict

from sqlalchemy import BigInteger, and_, bindparam, func, or_, select

from taskstead.db.database import LongReader, Reader
from taskstead.db.sql.query import Query
from taskstead.db.sql.search import COUNT_MISSING, COUNT_ORPHANS
from taskstead.db.sql.types import Id, Instant
from taskstead.tables.changes import changes
from taskstead.tables.jobs import jobs
from taskstead.tables.rows import CountRow, IdRow
from taskstead.tables.tasks import tasks
from taskstead.tables.workspaces import workspaces


class LogGapRow(TypedDict):
    """A workspace with gaps in its change log: the expected and actual number of changes."""

    id: str
    expected: int
    found: int


class _TimeRow(TypedDict):
    """The time of the last change."""

    at: datetime | None


_LIMIT = bindparam("limit", type_=BigInteger)
_AFTER_OLDEST = and_(
    changes.c.workspace_id == workspaces.c.id, changes.c.revision > workspaces.c.oldest_revision
)
_LIST_LOG_GAPS = Query(
    LogGapRow,
    select(
        workspaces.c.id,
        (workspaces.c.revision - workspaces.c.oldest_revision).label("expected"),
        func.count(changes.c.revision).label("found"),
    )
    .outerjoin(changes, _AFTER_OLDEST)
    # The log of a trashed workspace may be partly purged.
    .where(workspaces.c.deleted_at.is_(None))
    .group_by(workspaces.c.id, workspaces.c.revision, workspaces.c.oldest_revision)
    .having(func.count(changes.c.revision) != workspaces.c.revision - workspaces.c.oldest_revision)
    .order_by(workspaces.c.id)
    .limit(_LIMIT),
)
# A subquery with one lookup per workspace. With a join, SQLite would read the whole log.
_LAST_CHANGE_AT = (
    select(changes.c.at)
    .where(changes.c.workspace_id == workspaces.c.id, changes.c.revision == workspaces.c.revision)
    .correlate(workspaces)
    .scalar_subquery()
)
FIND_NEWEST = Query(
    _TimeRow,
    select(func.max(_LAST_CHANGE_AT, type_=Instant).label("at")).select_from(workspaces),
)
_BEFORE = bindparam("before", type_=Instant)
_COUNT_OVERDUE = Query(
    CountRow,
    select(func.count().label("count")).where(
        or_(
            and_(jobs.c.state == "queued", jobs.c.run_at < _BEFORE),
            and_(jobs.c.state == "running", jobs.c.claimed_until < _BEFORE),
        )
    ),
)
# For each dialect.
_COUNT_MISSING = {name: Query(CountRow, statement) for name, statement in COUNT_MISSING.items()}
_COUNT_ORPHANS = {name: Query(CountRow, statement) for name, statement in COUNT_ORPHANS.items()}
_LIST_WORKSPACE_IDS = Query(
    IdRow,
    select(workspaces.c.id)
    .where(workspaces.c.id > bindparam("after_id", type_=Id))
    .order_by(workspaces.c.id)
    .limit(_LIMIT),
)
_LIST_TASK_IDS = Query(
    IdRow,
    select(tasks.c.id)
    .where(
        tasks.c.workspace_id == bindparam("workspace_id"),
        tasks.c.id > bindparam("after_id", type_=Id),
    )
    .order_by(tasks.c.id)
    .limit(_LIMIT),
)


async def list_log_gaps(reader: LongReader, *, limit: int) -> list[LogGapRow]:
    """Return the workspaces with gaps in their change logs."""
    return await reader.fetch_all(_LIST_LOG_GAPS, {"limit": limit}, is_long=True)


async def find_newest_change(reader: Reader) -> datetime | None:
    """Return the time of the last change in any workspace, or None."""
    row = await reader.fetch_one(FIND_NEWEST, {})
    return None if row is None else row["at"]


async def count_search_gaps(reader: LongReader, dialect: str) -> tuple[int, int]:
    """Return the number of tasks without a search index entry, and of entries without a task."""
    missing = await reader.fetch_all(_COUNT_MISSING[dialect], {}, is_long=True)
    orphans = await reader.fetch_all(_COUNT_ORPHANS[dialect], {}, is_long=True)
    return missing[0]["count"], orphans[0]["count"]


async def count_overdue_jobs(reader: Reader, *, before: datetime) -> int:
    """Return the number of overdue jobs.

    A job is overdue if it was due before the given time and is still queued, or if its lease ended
    before that time.
    """
    row = await reader.fetch_one(_COUNT_OVERDUE, {"before": before})
    return 0 if row is None else row["count"]


async def list_workspace_ids(reader: Reader, *, after_id: str, limit: int) -> Sequence[str]:
    """Return up to ``limit`` workspace ids after ``after_id``, sorted."""
    rows = await reader.fetch_all(_LIST_WORKSPACE_IDS, {"after_id": after_id, "limit": limit})
    return [row["id"] for row in rows]


async def list_task_ids(
    reader: Reader, workspace_id: str, *, after_id: str, limit: int
) -> Sequence[str]:
    """Return up to ``limit`` ids of tasks after ``after_id``, sorted, including trashed tasks."""
    values = {"workspace_id": workspace_id, "after_id": after_id, "limit": limit}
    rows = await reader.fetch_all(_LIST_TASK_IDS, values)
    return [row["id"] for row in rows]
