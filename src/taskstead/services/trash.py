"""Moves tasks and their sub-tasks to the trash. ``restore.py`` restores them."""

from collections.abc import Sequence

from sqlalchemy import bindparam, update

from taskstead.cooperative import yield_every
from taskstead.db.database import Database
from taskstead.db.statements import Row
from taskstead.queries.principals import Principal
from taskstead.queries.task_trees import list_descendants
from taskstead.queries.tasks import get_task
from taskstead.schemas.preconditions import NO_PRECONDITION, Precondition, check_precondition
from taskstead.services.changes import Batch, open_batch
from taskstead.tables.tasks import tasks

_TRASH = (
    update(tasks)
    .where(tasks.c.workspace_id == bindparam("workspace"), tasks.c.id == bindparam("task"))
    .values(
        {
            name: bindparam(name)
            for name in ("deleted_at", "deleted_batch", "revision", "updated_at")
        }
    )
)


async def trash_task(
    database: Database,
    principal: Principal,
    reference: str,
    precondition: Precondition = NO_PRECONDITION,
) -> None:
    """Move a task and its sub-tasks to the trash. A trashed task is not changed.

    Raises:
        NotFoundError: there is no such task.
        RevisionMismatchError: its revision does not match the precondition.
    """
    async with open_batch(database, principal) as batch:
        task = await get_task(batch.transaction, batch.workspace_id, reference)
        check_precondition(precondition, task)
        if task["deleted_at"] is None:
            await trash_tasks_in_batch(batch, [task["id"]])


async def trash_tasks_in_batch(batch: Batch, task_ids: Sequence[str]) -> None:
    """Move tasks and their sub-tasks to the trash. Trashed tasks are skipped."""
    found = await list_descendants(batch.transaction, batch.workspace_id, task_ids)
    rows: list[Row] = []
    async for task in yield_every(found):
        if task["deleted_at"] is not None:
            continue
        fields = {"deleted_at": (None, batch.at), "deleted_batch": (None, batch.id)}
        rows.append(
            {
                "workspace": batch.workspace_id,
                "task": task["id"],
                "deleted_at": batch.at,
                "deleted_batch": batch.id,
                "updated_at": batch.at,
                "revision": batch.record_change("task", task["id"], "trashed", fields),
            }
        )
    await batch.transaction.execute_many(_TRASH, rows)
