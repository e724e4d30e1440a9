"""Deleting tasks for good. What is left is a tombstone in the log, without their text.

A purge takes the text out of the log too: the changes of a purged task remain, so that revisions
have no gaps, but no longer hold its title and its description. See
docs/decisions/0007-a-purge-reaches-into-the-log.md.
"""

from collections.abc import Sequence

from sqlalchemy import bindparam, delete, update

from taskstead.db.database import Database
from taskstead.db.expressions import is_any_of, json_without
from taskstead.db.statements import Row
from taskstead.queries.callers import Caller
from taskstead.queries.task_trees import list_below
from taskstead.queries.tasks import get_task
from taskstead.services.changes import Batch, open_batch
from taskstead.services.search import forget_tasks
from taskstead.tables.changes import changes
from taskstead.tables.tasks import tasks

_TEXT = ("title", "description")
_DELETE = delete(tasks).where(
    tasks.c.workspace_id == bindparam("workspace"), is_any_of(tasks.c.id, "ids")
)
_SCRUB = (
    update(changes)
    .where(
        changes.c.workspace_id == bindparam("workspace"),
        changes.c.kind == "task",
        is_any_of(changes.c.entity_id, "ids"),
    )
    .values(fields=json_without(changes.c.fields, *_TEXT))
)


async def purge_task(database: Database, caller: Caller, reference: str) -> None:
    """Delete a task for good, with all below it, be it in the trash or not.

    Raises:
        NotFoundError: there is no such task.
    """
    async with open_batch(database, caller) as batch:
        task = await get_task(batch.transaction, batch.workspace_id, reference)
        await purge_in_batch(batch, [task["id"]])


async def purge_in_batch(batch: Batch, task_ids: Sequence[str]) -> list[Row]:
    """Delete these tasks and all below them for good; return all that are gone, by number."""
    rows = await list_below(batch.transaction, batch.workspace_id, task_ids)
    ids = [row["id"] for row in rows]
    if not ids:
        return []
    await forget_tasks(batch, ids)
    parameters = {"workspace": batch.workspace_id, "ids": ids}
    await batch.transaction.execute(_DELETE, parameters)
    await batch.transaction.execute(_SCRUB, parameters)
    batch.drop_fields("task", set(ids), _TEXT)
    for row in rows:
        batch.record_change("task", row["id"], "purged", {"number": (row["number"], None)})
    return rows
