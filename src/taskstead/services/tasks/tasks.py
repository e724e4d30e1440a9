"""Create, update and replace tasks. Each call is one batch in the change log.

``create.py`` and ``update.py`` create and update any number of tasks in a batch.
"""

from collections.abc import Sequence

from taskstead.db.database import Database
from taskstead.domain.principal import Principal
from taskstead.entities.entity import Values
from taskstead.queries.tasks.tasks import find_task, get_task
from taskstead.schemas.tasks.tasks import TaskCreate, TaskPatch, TaskReplace
from taskstead.services.changelog import Batch, open_batch
from taskstead.services.preconditions import NO_PRECONDITION, Precondition, check_precondition
from taskstead.services.tasks.create import TaskDraft, create_drafted_tasks
from taskstead.services.tasks.item_errors import raise_first_error
from taskstead.services.tasks.update import TaskUpdate, apply_updates
from taskstead.tables.tasks import CountedTaskRow, TaskDetailRow


async def create_tasks(
    database: Database, principal: Principal, bodies: Sequence[TaskCreate]
) -> list[CountedTaskRow]:
    """Create either all of the tasks or none; return them in order.

    The number of SQL statements does not depend on the number of tasks. The parent of a task may be
    an earlier task of the same call, if the client chose its id.

    Raises:
        NameTakenError: an id that the client chose is in use in the workspace.
        ValidationFailedError: a label, the parent, the assignee or the reference task of the place
            does not exist, or the tree would be too deep. If there are several bodies, the JSON
            pointers begin with the index of the body.
    """
    async with open_batch(database, principal, new_tasks=len(bodies)) as batch:
        drafts = [TaskDraft.from_body(body) for body in bodies]
        rows = await create_drafted_tasks(batch, drafts)
        raise_first_error(drafts, "" if len(bodies) > 1 else None)
        return rows


async def create_task(database: Database, principal: Principal, body: TaskCreate) -> CountedTaskRow:
    """Create one task; see :func:`create_tasks`."""
    (row,) = await create_tasks(database, principal, [body])
    return row


async def update_task(
    database: Database,
    principal: Principal,
    reference: str,
    body: TaskPatch,
    precondition: Precondition = NO_PRECONDITION,
) -> TaskDetailRow:
    """Change the fields of a task that were sent; return the task.

    Raises:
        NotFoundError: there is no such task.
        RevisionMismatchError: its revision does not match the precondition.
        TaskTrashedError: the task is in the trash.
        ValidationFailedError: a label, the parent or the assignee does not exist, the parent is a
            descendant of the task, or the tree would be too deep.
    """
    async with open_batch(database, principal) as batch:
        old = await get_task(batch.transaction, batch.workspace_id, reference)
        check_precondition(precondition, old)
        return await _change_task(batch, old, body.list_values())


async def put_task(
    database: Database,
    principal: Principal,
    task_id: str,
    body: TaskReplace,
    precondition: Precondition = NO_PRECONDITION,
) -> tuple[CountedTaskRow, bool]:
    """Create a task with this id, or replace all fields of the existing one.

    Returns:
        The task, and whether it was created.

    Raises:
        RevisionMismatchError, AlreadyExistsError: the precondition failed.
        TaskTrashedError: the existing task is in the trash.
        ValidationFailedError: as for :func:`update_task`.
    """
    async with open_batch(database, principal) as batch:
        old = await find_task(batch.transaction, batch.workspace_id, task_id)
        check_precondition(precondition, old)
        if old is not None:
            return await _change_task(batch, old, body.list_values()), False
        draft = TaskDraft(body.list_values(), chosen_id=task_id)
        rows = await create_drafted_tasks(batch, [draft])
        raise_first_error([draft])
        return rows[0], True


async def _change_task(batch: Batch, old: TaskDetailRow, values: Values) -> TaskDetailRow:
    update = TaskUpdate(old, values)
    rows = await apply_updates(batch, [update])
    raise_first_error([update])
    return rows[0]
