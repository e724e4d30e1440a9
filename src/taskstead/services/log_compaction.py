"""Deletes old changes from the change logs, in chunks.

The last change of a trashed or purged entity is kept as a tombstone, whatever its age, so that the
history still shows when it was deleted and by whom. All other changes up to
``workspaces.oldest_revision`` are deleted; all later changes are in the log. A client whose cursor
is older than that revision must synchronise from the beginning.
"""

from datetime import datetime

from sqlalchemy import bindparam, delete, not_, update

from taskstead.db.database import Transaction
from taskstead.db.expressions import is_any_of
from taskstead.queries.log_compaction import (
    IS_TOMBSTONE,
    find_end_of_old_log,
    list_entities_between,
)
from taskstead.tables.changes import changes
from taskstead.tables.workspaces import workspaces

_ADVANCE = (
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
        oldest: the workspace's ``oldest_revision``. If it has changed, nothing is deleted.
        until: time before which a change is old.
        limit: number of changes per chunk. A chunk may be longer, because it ends with a whole
            batch.
    """
    end = await find_end_of_old_log(
        transaction, workspace_id, after=oldest, until=until, limit=limit
    )
    span = {"workspace": workspace_id, "oldest": oldest, "end": end}
    if end == oldest or not await transaction.execute(_ADVANCE, span):
        return 0
    touched = await list_entities_between(transaction, workspace_id, after=oldest, end=end)
    count = 0
    for kind, ids in touched.items():
        # An entity with a newer change no longer needs its old tombstone.
        count += await transaction.execute(_DELETE_TOMBSTONES, {**span, "kind": kind, "ids": ids})
    return count + await transaction.execute(_DELETE_OLD, span)
