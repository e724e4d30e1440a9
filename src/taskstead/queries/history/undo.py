"""Queries for undo: changes to undo, and tasks that refer to categories."""

from collections.abc import Sequence
from typing import TypedDict

from sqlalchemy import bindparam, func, select

from taskstead.db.database import Reader
from taskstead.db.sql.functions import is_any_of
from taskstead.db.sql.query import Query
from taskstead.queries.visibility import IS_VISIBLE_CHANGE
from taskstead.tables.changes import ChangeRow, changes
from taskstead.tables.rows import IdRow
from taskstead.tables.tasks import tasks
from taskstead.tables.workspaces import workspaces


class OldestRevisionRow(TypedDict):
    """The revision up to which the change log was compacted."""

    oldest_revision: int


class PurgeRow(TypedDict):
    """The last purge of an entity."""

    kind: str
    entity_id: str
    revision: int


_SELECT_CHANGES = select(changes).where(changes.c.workspace_id == bindparam("workspace_id"))
_FIND_CHANGE = Query(
    ChangeRow,
    _SELECT_CHANGES.where(changes.c.revision == bindparam("revision"), IS_VISIBLE_CHANGE),
)
# Without "+ 0", SQLite would scan the whole log by the revision index just to avoid a sort.
LIST_BATCH = Query(
    ChangeRow,
    _SELECT_CHANGES.where(changes.c.batch_id == bindparam("batch_id")).order_by(
        changes.c.revision + 0
    ),
)
_GET_OLDEST_REVISION = Query(
    OldestRevisionRow,
    select(workspaces.c.oldest_revision).where(workspaces.c.id == bindparam("workspace_id")),
)
_LIST_PURGES = Query(
    PurgeRow,
    select(changes.c.kind, changes.c.entity_id, func.max(changes.c.revision).label("revision"))
    .where(
        changes.c.workspace_id == bindparam("workspace_id"),
        is_any_of(changes.c.kind, "kinds"),
        is_any_of(changes.c.entity_id, "ids"),
        changes.c.action == "purged",
    )
    .group_by(changes.c.kind, changes.c.entity_id),
)
_LIST_CATEGORIZED = Query(
    IdRow,
    select(tasks.c.id)
    .where(
        tasks.c.workspace_id == bindparam("workspace_id"),
        is_any_of(tasks.c.category_id, "ids"),
        tasks.c.deleted_at.is_(None),
    )
    # "+ 0" for the same reason as in LIST_BATCH.
    .order_by(tasks.c.number + 0),
)


async def find_change(
    reader: Reader, workspace_id: str, revision: int, *, viewer_id: str | None
) -> ChangeRow | None:
    """Return the change with this revision, or None if there is none that the user sees."""
    return await reader.fetch_one(
        _FIND_CHANGE, {"workspace_id": workspace_id, "revision": revision, "viewer_id": viewer_id}
    )


async def list_changes_of_batch(
    reader: Reader, workspace_id: str, batch_id: str
) -> list[ChangeRow]:
    """Return the changes of a batch in order, including those that only one user sees."""
    return await reader.fetch_all(LIST_BATCH, {"workspace_id": workspace_id, "batch_id": batch_id})


async def get_oldest_revision(reader: Reader, workspace_id: str) -> int:
    """Return the revision after which the change log has all changes; 0 if nothing was deleted."""
    row = await reader.fetch_one(_GET_OLDEST_REVISION, {"workspace_id": workspace_id})
    return 0 if row is None else row["oldest_revision"]


async def list_last_purges(
    reader: Reader, workspace_id: str, *, kinds: Sequence[str], ids: Sequence[str]
) -> dict[tuple[str, str], int]:
    """Return, by kind and id, the revision of the last purge. Other entities are missing."""
    rows = await reader.fetch_all(
        _LIST_PURGES,
        {"workspace_id": workspace_id, "kinds": list(kinds), "ids": list(ids)},
    )
    return {(row["kind"], row["entity_id"]): row["revision"] for row in rows}


async def list_task_ids_in_categories(
    reader: Reader, workspace_id: str, category_ids: Sequence[str]
) -> list[str]:
    """Return the ids of the live tasks in any of the categories, by number."""
    rows = await reader.fetch_all(
        _LIST_CATEGORIZED, {"workspace_id": workspace_id, "ids": list(category_ids)}
    )
    return [row["id"] for row in rows]
