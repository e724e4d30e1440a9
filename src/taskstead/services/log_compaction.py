"""Deleting old changes from the logs, chunk by chunk.

Of what is in the trash or was deleted for good the last change stays, however old, so that it can
be told since when and by whom. All else up to ``workspaces.oldest_revision`` is gone, and
everything after it is there: whoever asks for what came after an earlier one has to begin anew.
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
    """Delete a chunk of old changes from the log of a workspace; return how many there were.

    Args:
        transaction: the open transaction.
        workspace_id: whose log.
        oldest: the workspace's oldest_revision; nothing is done when it is another by now.
        until: what was done before that is old.
        limit: how many changes a chunk has; the last batch of it may make it longer, since none
            is ever deleted in part.
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
        # What came back from the trash, or came into being again, needs its tombstone no more.
        count += await transaction.execute(_DELETE_TOMBSTONES, {**span, "kind": kind, "ids": ids})
    return count + await transaction.execute(_DELETE_OLD, span)
