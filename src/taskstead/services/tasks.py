"""Create, update and replace tasks. Each call is one batch in the change log.

``task_creation.py`` and ``task_changes.py`` create and update any number of tasks in a batch.
"""

from collections.abc import Collection, Sequence

from taskstead.db.database import Database
from taskstead.db.statements import Row
from taskstead.queries.principals import Principal
from taskstead.queries.tasks import find_task, get_task
from taskstead.schemas.preconditions import NO_PRECONDITION, Precondition, check_precondition
from taskstead.schemas.tasks import TaskCreate, TaskPatch, TaskReplace
from taskstead.services.changes import Batch, open_batch
from taskstead.services.problems import Problems, raise_first_problem
from taskstead.services.task_changes import TaskUpdate, update_tasks_in_batch
from taskstead.services.task_creation import create_tasks_in_batch


async def create_tasks(
    database: Database, principal: Principal, bodies: Sequence[TaskCreate]
) -> list[Row]:
    """Create either all of the tasks or none; return them in order.

    The number of SQL statements does not depend on the number of tasks. The parent of a task may be
    an earlier task of the same call, if the client chose its id.

    Raises:
        NameTakenError: an id that the client chose is in use in the workspace.
        ValidationFailedError: a parent or an assignee does not exist, or the tree would be too
            deep. If there are several bodies, the JSON pointers begin with the index of the body.
    """
    async with open_batch(database, principal, new_tasks=len(bodies)) as batch:
        problems: Problems = {}
        rows = await create_tasks_in_batch(batch, bodies, problems)
        raise_first_problem(problems, "" if len(bodies) > 1 else None)
        return list(rows.values())


async def create_task(database: Database, principal: Principal, body: TaskCreate) -> Row:
    """Create one task; see :func:`create_tasks`."""
    (row,) = await create_tasks(database, principal, [body])
    return row


async def update_task(
    database: Database,
    principal: Principal,
    reference: str,
    body: TaskPatch,
    precondition: Precondition = NO_PRECONDITION,
) -> Row:
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
        return await _change_task(batch, old, body, body.model_fields_set)


async def put_task(
    database: Database,
    principal: Principal,
    task_id: str,
    body: TaskReplace,
    precondition: Precondition = NO_PRECONDITION,
) -> tuple[Row, bool]:
    """Create a task with this id, or replace all fields of the existing one.

    Returns:
        The task, and whether it was created.

    Raises:
        RevisionMismatchError, AlreadyThereError: the precondition failed.
        TaskTrashedError: the existing task is in the trash.
        ValidationFailedError: as for :func:`update_task`.
    """
    async with open_batch(database, principal) as batch:
        old = await find_task(batch.transaction, batch.workspace_id, task_id)
        check_precondition(precondition, old)
        if old is not None:
            return await _change_task(batch, old, body, TaskReplace.model_fields), False
        draft = TaskCreate.model_construct(**dict(body), id=task_id)
        draft.__pydantic_fields_set__.update(body.model_fields_set)
        problems: Problems = {}
        rows = await create_tasks_in_batch(batch, [draft], problems)
        raise_first_problem(problems)
        return rows[0], True


async def _change_task(
    batch: Batch, old: Row, body: TaskPatch | TaskReplace, field_names: Collection[str]
) -> Row:
    problems: Problems = {}
    changed = await update_tasks_in_batch(
        batch, [TaskUpdate(old, body, frozenset(field_names))], problems
    )
    raise_first_problem(problems)
    return await get_task(batch.transaction, batch.workspace_id, old["id"]) if changed else old
