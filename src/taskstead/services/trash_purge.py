"""Purges the trash of a workspace: all of it on request, or the expired part by housekeeping.

Tasks are deleted in chunks, each in its own transaction and batch, so that a large trash does not
block other writers. If the operation is interrupted, the finished chunks remain deleted.
"""

from collections import Counter
from datetime import datetime

from taskstead.clock import get_now
from taskstead.db.database import Database
from taskstead.queries.principals import Principal
from taskstead.queries.trash import list_oldest_trashed_ids, list_trashed_labels
from taskstead.services.changes import Batch, open_batch
from taskstead.services.purge import check_purge_scope, purge_in_batch, purge_labels_in_batch

_CHUNK = 500


async def empty_trash(database: Database, principal: Principal, *, chunk: int = _CHUNK) -> int:
    """Permanently delete the trashed tasks of the current workspace; return their number.

    Tasks trashed after the call began are kept.

    Raises:
        InsufficientScopeError: the API token lacks the scope ``tasks:purge``.
    """
    check_purge_scope(principal)
    until = get_now()
    count = 0
    while True:
        async with open_batch(database, principal) as batch:
            ids = await list_oldest_trashed_ids(
                batch.transaction, batch.workspace_id, until=until, limit=chunk
            )
            count += len(await purge_in_batch(batch, ids))
        if len(ids) < chunk:
            return count


async def purge_expired_in_batch(batch: Batch, *, until: datetime, limit: int) -> Counter[str]:
    """Permanently delete entities trashed at or before ``until``; return the number of each kind.

    Tasks are deleted first, because a category can only be deleted when no task is in it, trashed
    or not.
    """
    purged: Counter[str] = Counter()
    reader, workspace_id = batch.transaction, batch.workspace_id
    ids = await list_oldest_trashed_ids(reader, workspace_id, until=until, limit=limit)
    purged["tasks"] = len(await purge_in_batch(batch, ids))
    if len(ids) < limit:
        names = await list_trashed_labels(reader, workspace_id, until=until, limit=limit)
        await purge_labels_in_batch(batch, names)
        purged.update({"category": "categories", "tag": "tags"}[row["kind"]] for row in names)
    return purged
