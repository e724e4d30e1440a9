"""Building the search index anew, chunk by chunk, while others read and write."""

from taskstead.db.database import Database
from taskstead.db.search import DELETE_ORPHANS
from taskstead.errors import NotFoundError
from taskstead.queries.checks import list_task_ids, list_workspace_ids
from taskstead.queries.workspaces import BEFORE_ALL_IDS
from taskstead.services.changes import begin_batch, write_batch
from taskstead.services.search import index_tasks

_CHUNK = 500


async def rebuild_search_index(database: Database, *, chunk: int = _CHUNK) -> int:
    """Index every task anew and forget what is no task; return how many tasks there were.

    Broken off, it can be begun again.
    """
    count = 0
    workspace_id = BEFORE_ALL_IDS
    while found := await list_workspace_ids(database, after_id=workspace_id, limit=1):
        workspace_id = found[0]
        count += await _index_workspace(database, workspace_id, chunk)
    while True:
        async with database.transaction() as transaction:
            if not await transaction.execute(DELETE_ORPHANS[database.dialect], {}):
                return count


async def _index_workspace(database: Database, workspace_id: str, chunk: int) -> int:
    count = 0
    last = BEFORE_ALL_IDS
    while True:
        try:
            async with database.transaction() as transaction:
                # A batch without changes: it keeps others from changing the tasks meanwhile, and
                # leaves the log as it was.
                batch = await begin_batch(
                    transaction, workspace_id, user_id=None, credential_id=None
                )
                ids = await list_task_ids(transaction, workspace_id, after_id=last, limit=chunk)
                await index_tasks(batch, ids)
                await write_batch(batch)
        except NotFoundError:
            # The workspace has gone meanwhile.
            return count
        count += len(ids)
        if len(ids) < chunk:
            return count
        last = ids[-1]
