"""Moves tasks and their sub-tasks to the trash. ``restore.py`` restores them."""

from collections.abc import Sequence

from taskstead.db.database import Database
from taskstead.domain.principal import Principal
from taskstead.entities.tasks import TASK
from taskstead.queries.tasks.tasks import get_task
from taskstead.queries.tasks.trees import list_descendants
from taskstead.services.changelog import Batch, open_batch
from taskstead.services.entity_writer import trash_rows
from taskstead.services.preconditions import NO_PRECONDITION, Precondition, check_precondition


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
    await trash_rows(batch, TASK, [row for row in found if row["deleted_at"] is None])
