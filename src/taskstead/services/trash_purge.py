"""Emptying the trash: all of one workspace at its user's wish, or what has lain there too long.

Tasks are deleted in chunks, each a transaction and a batch of its own, so that a large trash does
not keep others from writing. What has been deleted when it is broken off stays deleted.
"""

from datetime import datetime, timedelta

from taskstead.clock import get_now
from taskstead.db.database import Database
from taskstead.errors import NotFoundError
from taskstead.queries.callers import Caller
from taskstead.queries.trash import list_oldest_trashed_ids, list_workspaces_with_trash
from taskstead.services.changes import begin_batch, write_batch
from taskstead.services.purge import purge_in_batch

_CHUNK = 500


async def empty_trash(database: Database, caller: Caller, *, chunk: int = _CHUNK) -> int:
    """Delete for good what lies in the trash of the caller's workspace; return how many tasks.

    What is trashed meanwhile stays.
    """
    return await _purge_until(
        database,
        caller.workspace_id,
        get_now(),
        chunk,
        user_id=caller.user_id,
        credential_id=caller.credential_id,
    )


async def purge_expired_trash(database: Database, *, trash_days: int) -> int:
    """Delete for good what has lain in any trash for so many days; return how many tasks.

    The log says that nobody did it: it is the server's own housekeeping.
    """
    until = get_now() - timedelta(days=trash_days)
    count = 0
    for workspace_id in await list_workspaces_with_trash(database, until=until):
        try:
            count += await _purge_until(
                database, workspace_id, until, _CHUNK, user_id=None, credential_id=None
            )
        except NotFoundError:
            # The workspace has gone meanwhile, and its trash with it.
            continue
    return count


async def _purge_until(
    database: Database,
    workspace_id: str,
    until: datetime,
    chunk: int,
    *,
    user_id: str | None,
    credential_id: str | None,
) -> int:
    count = 0
    while True:
        async with database.transaction() as transaction:
            batch = await begin_batch(
                transaction, workspace_id, user_id=user_id, credential_id=credential_id
            )
            ids = await list_oldest_trashed_ids(transaction, workspace_id, until=until, limit=chunk)
            count += len(await purge_in_batch(batch, ids))
            await write_batch(batch)
        if len(ids) < chunk:
            return count
