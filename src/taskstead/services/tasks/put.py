"""Creates a task with a given id, or replaces it."""

from taskstead.queries.tasks.tasks import find_task
from taskstead.schemas.tasks.subtasks import SubtaskChoice
from taskstead.schemas.tasks.tasks import TaskReplace
from taskstead.services.changelog import open_batch
from taskstead.services.context import WriteContext
from taskstead.services.preconditions import NO_PRECONDITION, Precondition, check_precondition
from taskstead.services.tasks.create import TaskDraft, create_tasks_in_batch
from taskstead.services.tasks.item_errors import raise_first_error
from taskstead.services.tasks.update import TaskUpdate, update_task_in_batch
from taskstead.tables.tasks import CountedTaskRow


async def put_task(
    ctx: WriteContext,
    task_id: str,
    body: TaskReplace,
    precondition: Precondition = NO_PRECONDITION,
    *,
    subtasks: SubtaskChoice | None = None,
) -> tuple[CountedTaskRow, bool]:
    """Create a task with this id, or replace all fields of the existing one.

    Returns:
        The task, and whether it was created.

    Raises:
        RevisionMismatchError, AlreadyExistsError: the precondition failed.
        TaskTrashedError: the existing task is in the trash.
        OpenSubtasksError, ValidationFailedError: as for ``update_task``.
    """
    async with open_batch(ctx) as batch:
        old = await find_task(batch.transaction, batch.workspace_id, task_id)
        check_precondition(precondition, old)
        if old is not None:
            update = TaskUpdate(old, body.list_values(), subtasks=subtasks)
            return await update_task_in_batch(batch, update), False
        draft = TaskDraft(body.list_values(), chosen_id=task_id)
        rows = await create_tasks_in_batch(batch, [draft])
        raise_first_error([draft])
        return rows[0], True
