"""Query for the tasks in the trash."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    and_,
    bindparam,
    or_,
)

from taskstead.db.database import Reader
from taskstead.db.sql.query import Query
from taskstead.db.sql.types import Id, Instant
from taskstead.queries.tasks.tasks import LISTED_COLUMNS, SUBTASK_COUNTS, select_tasks
from taskstead.tables.tasks import ListedTaskRow, tasks

_LIMIT = bindparam("limit", type_=BigInteger)
_DELETED_AT = bindparam("deleted_at", type_=Instant)
_LIST_TASKS = Query(
    ListedTaskRow,
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
    .limit(_LIMIT),
)


async def list_trashed_tasks(
    reader: Reader, workspace_id: str, *, after: tuple[datetime, str], limit: int
) -> list[ListedTaskRow]:
    """Return trashed tasks, most recently trashed first. Tasks trashed together are ordered by id.

    Args:
        reader: the database connection to read from.
        workspace_id: the workspace's id.
        after: ``deleted_at`` and id of the last task on the previous page.
        limit: maximum number of rows.
    """
    deleted_at, id_ = after
    return await reader.fetch_all(
        _LIST_TASKS,
        {
            "workspace_id": workspace_id,
            "deleted_at": deleted_at,
            "id": id_,
            "limit": limit,
        },
    )
