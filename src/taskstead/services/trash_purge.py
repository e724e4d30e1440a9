"""Emptying the trash: all of one workspace at its user's wish, or what has lain there too long.

Tasks are deleted in chunks, each a transaction and a batch of its own, so that a large trash does
not keep others from writing. What has been deleted when it is broken off stays deleted.
"""

from collections import Counter
from datetime import datetime

from taskstead.clock import get_now
from taskstead.db.database import Database
from taskstead.queries.principals import Principal
from taskstead.queries.trash import list_oldest_trashed_ids, list_trashed_names
from taskstead.services.changes import Batch, open_batch
from taskstead.services.purge import check_purge_scope, purge_in_batch, purge_names_in_batch

_CHUNK = 500


async def empty_trash(database: Database, principal: Principal, *, chunk: int = _CHUNK) -> int:
    """Delete for good what lies in the trash of the principal's workspace; return how many tasks.

    What is trashed meanwhile stays.

    Raises:
        InsufficientScopeError: the principal's API token may not delete for good.
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
    """Delete for good some of what was trashed in a workspace until then; return how many a kind.

    Tasks go first: a category goes when no task is filed under it any more, trashed or not.
    """
    purged: Counter[str] = Counter()
    reader, workspace_id = batch.transaction, batch.workspace_id
    ids = await list_oldest_trashed_ids(reader, workspace_id, until=until, limit=limit)
    purged["tasks"] = len(await purge_in_batch(batch, ids))
    if len(ids) < limit:
        names = await list_trashed_names(reader, workspace_id, until=until, limit=limit)
        await purge_names_in_batch(batch, names)
        purged.update({"category": "categories", "tag": "tags"}[row["kind"]] for row in names)
    return purged
