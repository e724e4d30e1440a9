"""Queries for tags. Lists include the number of tasks with each tag."""

from collections.abc import Sequence
from typing import TypedDict

from sqlalchemy import BigInteger, and_, bindparam, case, func, select, tuple_

from taskstead.db.database import Reader
from taskstead.db.sql.functions import is_any_of
from taskstead.db.sql.query import Query
from taskstead.db.sql.types import Id, SortKey
from taskstead.errors import NotFoundError
from taskstead.queries.tasks.tasks import IS_OPEN
from taskstead.tables.labels.tags import CountedTagRow, TagRow, tags, task_tags
from taskstead.tables.tasks import tasks

_SELECT_WITH_COUNTS = (
    select(
        *tags.c,
        func.count(tasks.c.id).label("task_count"),
        func.count(case((IS_OPEN, 1))).label("open_task_count"),
    )
    .select_from(
        tags.outerjoin(
            task_tags,
            and_(task_tags.c.workspace_id == tags.c.workspace_id, task_tags.c.tag_id == tags.c.id),
        ).outerjoin(
            tasks,
            and_(
                tasks.c.workspace_id == task_tags.c.workspace_id,
                tasks.c.id == task_tags.c.task_id,
                tasks.c.deleted_at.is_(None),
            ),
        )
    )
    .where(tags.c.workspace_id == bindparam("workspace_id"), tags.c.deleted_at.is_(None))
    .group_by(*tags.c)
)


class TaggedTaskIdRow(TypedDict):
    """The id of a task that has a tag."""

    task_id: str


class TaskTagRow(TypedDict):
    """A tag of a task."""

    task_id: str
    tag_id: str


_GET_LIVE = Query(
    TagRow,
    select(tags).where(
        tags.c.workspace_id == bindparam("workspace_id"),
        tags.c.id == bindparam("id"),
        tags.c.deleted_at.is_(None),
    ),
)
_LIST_LIVE = Query(
    CountedTagRow,
    _SELECT_WITH_COUNTS.where(
        tuple_(tags.c.sort_key, tags.c.id)
        > tuple_(bindparam("after_key", type_=SortKey), bindparam("after_id", type_=Id))
    )
    .order_by(tags.c.sort_key, tags.c.id)
    .limit(bindparam("limit", type_=BigInteger)),
)
_LIST_TAG_IDS = Query(
    TaskTagRow,
    select(task_tags.c.task_id, task_tags.c.tag_id)
    .where(
        task_tags.c.workspace_id == bindparam("workspace_id"),
        is_any_of(task_tags.c.task_id, "task_ids"),
    )
    .order_by(task_tags.c.task_id, task_tags.c.tag_id),
)
_LIST_TAGGED = Query(
    TaggedTaskIdRow,
    select(task_tags.c.task_id).where(
        task_tags.c.workspace_id == bindparam("workspace_id"), is_any_of(task_tags.c.tag_id, "ids")
    ),
)


async def get_tag(reader: Reader, workspace_id: str, tag_id: str) -> TagRow:
    """Return a tag that is not in the trash.

    Raises:
        NotFoundError: the workspace has no such tag.
    """
    row = await reader.fetch_one(_GET_LIVE, {"workspace_id": workspace_id, "id": tag_id})
    if row is None:
        raise NotFoundError(f"There is no tag {tag_id} in this workspace.")
    return row


async def list_tags(
    reader: Reader, workspace_id: str, *, after: tuple[str, str], limit: int
) -> list[CountedTagRow]:
    """Return the tags after a (sort key, id) pair, in alphabetical order, with counts of tasks."""
    key, id_ = after
    return await reader.fetch_all(
        _LIST_LIVE,
        {
            "workspace_id": workspace_id,
            "after_key": key,
            "after_id": id_,
            "limit": limit,
        },
    )


async def list_tag_ids_of_tasks(
    reader: Reader, workspace_id: str, task_ids: Sequence[str]
) -> dict[str, list[str]]:
    """Return the sorted tag ids by task id. Tasks without tags are missing."""
    rows = await reader.fetch_all(
        _LIST_TAG_IDS, {"workspace_id": workspace_id, "task_ids": list(task_ids)}
    )
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row["task_id"], []).append(row["tag_id"])
    return found


async def list_tagged_task_ids(
    reader: Reader, workspace_id: str, tag_ids: Sequence[str]
) -> list[str]:
    """Return the sorted ids of the tasks with any of the tags, including trashed tasks."""
    rows = await reader.fetch_all(
        _LIST_TAGGED, {"workspace_id": workspace_id, "ids": list(tag_ids)}
    )
    # Duplicates are removed here. With DISTINCT or ORDER BY in SQL, SQLite would scan the tags of
    # all tasks of the workspace in the order of the primary key.
    return sorted({row["task_id"] for row in rows})
