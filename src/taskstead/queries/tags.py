"""Queries for tags. Lists include the number of tasks with each tag."""

from collections.abc import Sequence

from sqlalchemy import BigInteger, and_, bindparam, case, func, select, tuple_

from taskstead.db.database import Reader
from taskstead.db.expressions import is_any_of
from taskstead.db.query import untyped
from taskstead.db.statements import Row
from taskstead.db.types import Id, SortKey
from taskstead.errors import NotFoundError
from taskstead.queries.tasks import IS_OPEN
from taskstead.tables.tags import tags, task_tags
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
_GET_LIVE = select(tags).where(
    tags.c.workspace_id == bindparam("workspace_id"),
    tags.c.id == bindparam("id"),
    tags.c.deleted_at.is_(None),
)
_LIST_LIVE = (
    _SELECT_WITH_COUNTS.where(
        tuple_(tags.c.sort_key, tags.c.id)
        > tuple_(bindparam("after_key", type_=SortKey), bindparam("after_id", type_=Id))
    )
    .order_by(tags.c.sort_key, tags.c.id)
    .limit(bindparam("limit", type_=BigInteger))
)
_LIST_BY_KEYS = select(tags.c.id, tags.c.name, tags.c.name_key).where(
    tags.c.workspace_id == bindparam("workspace_id"),
    tags.c.deleted_at.is_(None),
    is_any_of(tags.c.name_key, "name_keys"),
)
_LIST_BY_IDS = (
    select(tags)
    .where(tags.c.workspace_id == bindparam("workspace_id"), is_any_of(tags.c.id, "ids"))
    .order_by(tags.c.id)
)
_LIST_TAG_IDS = (
    select(task_tags.c.task_id, task_tags.c.tag_id)
    .where(
        task_tags.c.workspace_id == bindparam("workspace_id"),
        is_any_of(task_tags.c.task_id, "task_ids"),
    )
    .order_by(task_tags.c.task_id, task_tags.c.tag_id)
)
_LIST_TASK_IDS = (
    select(task_tags.c.task_id)
    .where(
        task_tags.c.workspace_id == bindparam("workspace_id"),
        task_tags.c.tag_id == bindparam("tag_id"),
    )
    .order_by(task_tags.c.task_id)
)


async def get_tag(reader: Reader, workspace_id: str, tag_id: str) -> Row:
    """Return a tag that is not in the trash.

    Raises:
        NotFoundError: the workspace has no such tag.
    """
    row = await reader.fetch_one(untyped(_GET_LIVE), {"workspace_id": workspace_id, "id": tag_id})
    if row is None:
        raise NotFoundError(f"There is no tag {tag_id} in this workspace.")
    return row


async def list_tags(
    reader: Reader, workspace_id: str, *, after: tuple[str, str], limit: int
) -> list[Row]:
    """Return the tags after a (sort key, id) pair, in alphabetical order, with counts of tasks."""
    return await reader.fetch_all(
        untyped(_LIST_LIVE),
        {
            "workspace_id": workspace_id,
            "after_key": after[0],
            "after_id": after[1],
            "limit": limit,
        },
    )


async def list_tags_by_keys(
    reader: Reader, workspace_id: str, name_keys: Sequence[str]
) -> list[Row]:
    """Return id, name and name_key of the live tags with these case-folded names."""
    return await reader.fetch_all(
        untyped(_LIST_BY_KEYS), {"workspace_id": workspace_id, "name_keys": list(name_keys)}
    )


async def list_tags_by_ids(reader: Reader, workspace_id: str, ids: Sequence[str]) -> list[Row]:
    """Return the tags with these ids, live or trashed, oldest first, without counts of tasks."""
    return await reader.fetch_all(
        untyped(_LIST_BY_IDS), {"workspace_id": workspace_id, "ids": list(ids)}
    )


async def list_tag_ids_of_tasks(
    reader: Reader, workspace_id: str, task_ids: Sequence[str]
) -> dict[str, list[str]]:
    """Return the sorted tag ids by task id. Tasks without tags are missing."""
    rows = await reader.fetch_all(
        untyped(_LIST_TAG_IDS), {"workspace_id": workspace_id, "task_ids": list(task_ids)}
    )
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row["task_id"], []).append(row["tag_id"])
    return found


async def list_task_ids_of_tag(reader: Reader, workspace_id: str, tag_id: str) -> list[str]:
    """Return the ids of all tasks with a tag, including trashed ones."""
    rows = await reader.fetch_all(
        untyped(_LIST_TASK_IDS), {"workspace_id": workspace_id, "tag_id": tag_id}
    )
    return [row["task_id"] for row in rows]
