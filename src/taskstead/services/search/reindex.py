"""Rebuilds the search index in chunks, while the server is in use."""

from taskstead.clock import Clock
from taskstead.db.database import Database
from taskstead.db.sql.search import DELETE_ORPHANS
from taskstead.errors import NotFoundError
from taskstead.ids import BEFORE_ALL_IDS
from taskstead.queries.system.checks import list_task_ids, list_workspace_ids
from taskstead.services.changelog import begin_batch, write_batch
from taskstead.services.search.index import index_tasks

_CHUNK = 500


async def rebuild_search_index(database: Database, *, clock: Clock, chunk: int = _CHUNK) -> int:
    """Index every task again and delete entries without a task; return the number of tasks.

    It is safe to interrupt it and to start it again.
    """
    count = 0
    workspace_id = BEFORE_ALL_IDS
    while found := await list_workspace_ids(database, after_id=workspace_id, limit=1):
        workspace_id = found[0]
        count += await _index_workspace(database, workspace_id, clock, chunk)
    while True:
        async with database.transaction() as transaction:
            if not await transaction.execute(DELETE_ORPHANS[database.dialect], {}):
                return count


async def _index_workspace(database: Database, workspace_id: str, clock: Clock, chunk: int) -> int:
    count = 0
    last_id = BEFORE_ALL_IDS
    while True:
        try:
            async with database.transaction() as transaction:
                # A batch without changes: it locks the workspace against concurrent changes and
                # writes nothing to the change log.
                batch = await begin_batch(
                    transaction, workspace_id, user_id=None, credential_id=None, clock=clock
                )
                ids = await list_task_ids(transaction, workspace_id, after_id=last_id, limit=chunk)
                await index_tasks(batch, ids)
                await write_batch(batch)
        except NotFoundError:
            # The workspace was deleted after its id was read.
            return count
        count += len(ids)
        if len(ids) < chunk:
            return count
        last_id = ids[-1]
