"""Deletes old changes from the change logs, in chunks.

The last change of a trashed or purged entity is a tombstone. Tombstones of any age remain in the
log, so that the history shows when an entity was deleted and by whom. All other changes up to
``workspaces.oldest_revision`` are deleted. All later changes are in the log. A client whose sync
token is older than that revision must start a new initial sync.
"""

from datetime import datetime

from sqlalchemy import bindparam, delete, not_, update

from taskstead.db.database import Transaction
from taskstead.db.sql.functions import is_any_of
from taskstead.queries.history.compaction import (
    IS_TOMBSTONE,
    find_end_of_old_log,
    list_entities_between,
)
from taskstead.tables.changes import changes
from taskstead.tables.workspaces import workspaces

_SET_OLDEST_REVISION = (
    update(workspaces)
    .where(
        workspaces.c.id == bindparam("workspace"),
        workspaces.c.oldest_revision == bindparam("oldest"),
    )
    .values(oldest_revision=bindparam("end"))
)
_DELETE_OLD = delete(changes).where(
    changes.c.workspace_id == bindparam("workspace"),
    changes.c.revision > bindparam("oldest"),
    changes.c.revision <= bindparam("end"),
    not_(IS_TOMBSTONE),
)
_DELETE_TOMBSTONES = delete(changes).where(
    changes.c.workspace_id == bindparam("workspace"),
    changes.c.kind == bindparam("kind"),
    is_any_of(changes.c.entity_id, "ids"),
    changes.c.revision <= bindparam("oldest"),
)


async def compact_log(
    transaction: Transaction, workspace_id: str, *, oldest: int, until: datetime, limit: int
) -> int:
    """Delete a chunk of old changes from the log of a workspace; return the number deleted.

    Args:
        transaction: the open transaction.
        workspace_id: the workspace's id.
        oldest: the workspace's ``oldest_revision`` when it was read. If it is different now,
            nothing is deleted.
        until: time before which a change is old.
        limit: number of changes per chunk. A chunk may be longer, because it ends with a whole
            batch.
    """
    end = await find_end_of_old_log(
        transaction, workspace_id, after=oldest, until=until, limit=limit
    )
    values = {"workspace": workspace_id, "oldest": oldest, "end": end}
    if end == oldest or not await transaction.execute(_SET_OLDEST_REVISION, values):
        return 0
    ids_by_kind = await list_entities_between(transaction, workspace_id, after=oldest, end=end)
    count = 0
    for kind, ids in ids_by_kind.items():
        # These entities have a newer change, so their old tombstones are no longer the last change.
        count += await transaction.execute(_DELETE_TOMBSTONES, {**values, "kind": kind, "ids": ids})
    return count + await transaction.execute(_DELETE_OLD, values)
