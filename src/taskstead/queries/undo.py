"""Queries for undo: changes to undo, and tasks that refer to categories and tags."""

from collections.abc import Sequence

from sqlalchemy import bindparam, func, select

from taskstead.db.database import Reader
from taskstead.db.expressions import is_any_of
from taskstead.db.query import untyped
from taskstead.db.statements import Row
from taskstead.tables.changes import changes
from taskstead.tables.tags import task_tags
from taskstead.tables.tasks import tasks
from taskstead.tables.workspaces import workspaces

_SELECT_CHANGES = select(changes).where(changes.c.workspace_id == bindparam("workspace_id"))
_FIND_CHANGE = _SELECT_CHANGES.where(changes.c.revision == bindparam("revision"))
# Without "+ 0", SQLite would scan the whole log by the revision index just to avoid a sort.
LIST_BATCH = _SELECT_CHANGES.where(changes.c.batch_id == bindparam("batch_id")).order_by(
    changes.c.revision + 0
)
_GET_OLDEST_REVISION = select(workspaces.c.oldest_revision).where(
    workspaces.c.id == bindparam("workspace_id")
)
_LIST_PURGES = (
    select(changes.c.entity_id, func.max(changes.c.revision).label("revision"))
    .where(
        changes.c.workspace_id == bindparam("workspace_id"),
        is_any_of(changes.c.kind, "kinds"),
        is_any_of(changes.c.entity_id, "ids"),
        changes.c.action == "purged",
    )
    .group_by(changes.c.entity_id)
)
_LIST_CATEGORIZED = (
    select(tasks.c.id)
    .where(
        tasks.c.workspace_id == bindparam("workspace_id"),
        is_any_of(tasks.c.category_id, "ids"),
        tasks.c.deleted_at.is_(None),
    )
    # "+ 0" for the same reason as in LIST_BATCH.
    .order_by(tasks.c.number + 0)
)
_LIST_TAGGED = select(task_tags.c.task_id).where(
    task_tags.c.workspace_id == bindparam("workspace_id"), is_any_of(task_tags.c.tag_id, "ids")
)


async def find_change(reader: Reader, workspace_id: str, revision: int) -> Row | None:
    """Return the change with this revision, or None."""
    return await reader.fetch_one(
        untyped(_FIND_CHANGE), {"workspace_id": workspace_id, "revision": revision}
    )


async def list_changes_of_batch(reader: Reader, workspace_id: str, batch_id: str) -> list[Row]:
    """Return the changes of a batch, in order."""
    return await reader.fetch_all(
        untyped(LIST_BATCH), {"workspace_id": workspace_id, "batch_id": batch_id}
    )


async def get_oldest_revision(reader: Reader, workspace_id: str) -> int:
    """Return the revision after which the change log has all changes; 0 if nothing was deleted."""
    row = await reader.fetch_one(untyped(_GET_OLDEST_REVISION), {"workspace_id": workspace_id})
    return 0 if row is None else int(row["oldest_revision"])


async def list_last_purges(
    reader: Reader, workspace_id: str, *, kinds: Sequence[str], ids: Sequence[str]
) -> dict[str, int]:
    """Return, by entity id, the revision of the last purge. Entities never purged are missing."""
    rows = await reader.fetch_all(
        untyped(_LIST_PURGES),
        {"workspace_id": workspace_id, "kinds": list(kinds), "ids": list(ids)},
    )
    return {row["entity_id"]: int(row["revision"]) for row in rows}


async def list_task_ids_in_categories(
    reader: Reader, workspace_id: str, category_ids: Sequence[str]
) -> list[str]:
    """Return the ids of the live tasks in any of the categories, by number."""
    rows = await reader.fetch_all(
        untyped(_LIST_CATEGORIZED), {"workspace_id": workspace_id, "ids": list(category_ids)}
    )
    return [row["id"] for row in rows]


async def list_tagged_task_ids(
    reader: Reader, workspace_id: str, tag_ids: Sequence[str]
) -> list[str]:
    """Return the sorted ids of the tasks with any of the tags, including trashed tasks."""
    rows = await reader.fetch_all(
        untyped(_LIST_TAGGED), {"workspace_id": workspace_id, "ids": list(tag_ids)}
    )
    # Duplicates are removed here. With DISTINCT or ORDER BY in SQL, SQLite would scan the tags of
    # all tasks of the workspace in the order of the primary key.
    return sorted({row["task_id"] for row in rows})
