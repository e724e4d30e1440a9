"""Moves a task in the manual order. ``manual_order.py`` computes the position."""

from taskstead.queries.tasks.tasks import get_task
from taskstead.schemas.tasks.places import TaskPlace
from taskstead.schemas.tasks.subtasks import SubtaskChoice
from taskstead.services.changelog import open_batch
from taskstead.services.context import WriteContext
from taskstead.services.preconditions import NO_PRECONDITION, Precondition, check_precondition
from taskstead.services.tasks.item_errors import prefix_pointers, raise_first_error
from taskstead.services.tasks.update import TaskUpdate, update_tasks_in_batch
from taskstead.tables.tasks import TaskDetailRow


async def move_task(
    ctx: WriteContext,
    reference: str,
    place: TaskPlace,
    precondition: Precondition = NO_PRECONDITION,
    *,
    subtasks: SubtaskChoice | None = None,
) -> TaskDetailRow:
    """Move a task in the manual order; return the task.

    A task that is already in the requested place is not changed.

    Raises:
        NotFoundError: there is no such task.
        RevisionMismatchError: its revision does not match the precondition.
        TaskTrashedError: the task is in the trash.
        OpenSubtasksError: it has open sub-tasks, and ``subtasks`` refuses.
        ValidationFailedError: the reference task does not exist, is in the trash, or is the task
            itself.
    """
    async with open_batch(ctx) as batch:
        old = await get_task(batch.transaction, batch.workspace_id, reference)
        check_precondition(precondition, old)
        update = TaskUpdate(old, {"place": place}, subtasks=subtasks)
        rows = await update_tasks_in_batch(batch, [update])
        if update.error is not None:
            prefix_pointers(update.error, "", old_prefix="/place")
        raise_first_error([update])
        if subtasks == "complete":
            return await get_task(batch.transaction, batch.workspace_id, old["id"])
        return rows[0]
