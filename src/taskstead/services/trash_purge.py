"""Purges the trash of a workspace.

A request purges all trashed tasks. Housekeeping purges the expired tasks, categories and tags.

Tasks are deleted in chunks. Each chunk is a transaction and a batch of its own, so that a large
trash does not block other writers. If the operation is interrupted, the finished chunks remain
deleted.
"""

from collections import Counter
from datetime import datetime

from taskstead.clock import get_now
from taskstead.db.database import Database
from taskstead.queries.principals import Principal
from taskstead.queries.trash import list_oldest_trashed_ids, list_trashed_labels
from taskstead.services.changes import Batch, open_batch
from taskstead.services.purge import check_purge_scope, purge_labels_in_batch, purge_tasks_in_batch

_CHUNK = 500


async def empty_trash(database: Database, principal: Principal, *, chunk: int = _CHUNK) -> int:
    """Permanently delete the trashed tasks of the current workspace; return their number.

    Tasks trashed after the start of the call are not deleted.

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
            count += len(await purge_tasks_in_batch(batch, ids))
        if len(ids) < chunk:
            return count


async def purge_expired_in_batch(batch: Batch, *, until: datetime, limit: int) -> Counter[str]:
    """Permanently delete entities trashed at or before ``until``; return the number by kind.

    Tasks are deleted first, because a category can only be deleted when no live or trashed task is
    in it.
    """
    purged: Counter[str] = Counter()
    reader, workspace_id = batch.transaction, batch.workspace_id
    ids = await list_oldest_trashed_ids(reader, workspace_id, until=until, limit=limit)
    purged["tasks"] = len(await purge_tasks_in_batch(batch, ids))
    if len(ids) < limit:
        labels = await list_trashed_labels(reader, workspace_id, until=until, limit=limit)
        await purge_labels_in_batch(batch, labels)
        purged.update({"category": "categories", "tag": "tags"}[row["kind"]] for row in labels)
    return purged
