"""What lies in the trash, by when it went there."""

from datetime import datetime

from sqlalchemy import BigInteger, and_, bindparam, or_, select

from taskstead.db.database import Reader
from taskstead.db.statements import Row
from taskstead.db.types import Id, Instant
from taskstead.queries.tasks import LISTED_COLUMNS, SUBTASK_COUNTS, select_tasks
from taskstead.tables.tasks import tasks

_LIMIT = bindparam("limit", type_=BigInteger)
_AT = bindparam("deleted_at", type_=Instant)
_LIST = (
    select_tasks(*LISTED_COLUMNS, *SUBTASK_COUNTS)
    .where(
        tasks.c.deleted_at.is_not(None),
        tasks.c.deleted_at <= _AT,
        or_(
            tasks.c.deleted_at < _AT,
            and_(tasks.c.deleted_at == _AT, tasks.c.id > bindparam("id", type_=Id)),
        ),
    )
    .order_by(tasks.c.deleted_at.desc(), tasks.c.id)
    .limit(_LIMIT)
)
_TRASHED_UNTIL = and_(tasks.c.deleted_at.is_not(None), tasks.c.deleted_at <= _AT)
_LIST_OLDEST = (
    select(tasks.c.id)
    .where(tasks.c.workspace_id == bindparam("workspace_id"), _TRASHED_UNTIL)
    .order_by(tasks.c.deleted_at)
    .limit(_LIMIT)
)
_LIST_WORKSPACES = (
    select(tasks.c.workspace_id).where(_TRASHED_UNTIL).distinct().order_by(tasks.c.workspace_id)
)


async def list_trashed_tasks(
    reader: Reader, workspace_id: str, *, after: tuple[datetime, str], limit: int
) -> list[Row]:
    """Return trashed tasks, the newest in the trash first, by id among those trashed together.

    Args:
        reader: where to look.
        workspace_id: whose tasks.
        after: when the last one before these was trashed, and its id.
        limit: how many at most.
    """
    return await reader.fetch_all(
        _LIST,
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
    """Return ids of tasks that were trashed until then, the oldest in the trash first."""
    rows = await reader.fetch_all(
        _LIST_OLDEST, {"workspace_id": workspace_id, "deleted_at": until, "limit": limit}
    )
    return [row["id"] for row in rows]


async def list_workspaces_with_trash(reader: Reader, *, until: datetime) -> list[str]:
    """Return the ids of all workspaces with tasks that were trashed until then."""
    rows = await reader.fetch_all(_LIST_WORKSPACES, {"deleted_at": until})
    return [row["workspace_id"] for row in rows]
