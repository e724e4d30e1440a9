"""Permanent deletion of tasks: one task, or all tasks in the trash."""

from collections.abc import Sequence

from taskstead.domain.principal import Principal
from taskstead.entities.occurrences import OCCURRENCE
from taskstead.entities.tasks import TASK
from taskstead.errors import InsufficientScopeError
from taskstead.queries.entities import list_expired_ids
from taskstead.queries.tasks.occurrences import list_occurrences_of_tasks
from taskstead.queries.tasks.tasks import get_task
from taskstead.queries.tasks.trees import TreeTaskRow, list_descendants
from taskstead.services.changelog import Batch, open_batch
from taskstead.services.context import WriteContext
from taskstead.services.entity_writer import purge_rows
from taskstead.services.preconditions import NO_PRECONDITION, Precondition, check_precondition

_SCOPE = "tasks:purge"
# Number of tasks per transaction, besides their sub-tasks, when the trash is emptied.
_CHUNK = 500


def check_purge_scope(principal: Principal) -> None:
    """Check that the credential allows permanent deletion.

    Raises:
        InsufficientScopeError: it is an API token without the scope ``tasks:purge``.
    """
    if _SCOPE not in principal.scopes:
        raise InsufficientScopeError(_SCOPE)


async def purge_task(
    ctx: WriteContext, reference: str, precondition: Precondition = NO_PRECONDITION
) -> None:
    """Permanently delete a live or trashed task and its sub-tasks.

    Raises:
        NotFoundError: there is no such task.
        RevisionMismatchError: its revision does not match the precondition.
        InsufficientScopeError: the API token lacks the scope ``tasks:purge``.
    """
    check_purge_scope(ctx.principal)
    async with open_batch(ctx) as batch:
        task = await get_task(batch.transaction, batch.workspace_id, reference)
        check_precondition(precondition, task)
        await purge_tasks_in_batch(batch, [task["id"]])


async def empty_trash(ctx: WriteContext, *, chunk: int = _CHUNK) -> int:
    """Permanently delete the trashed tasks of the current workspace; return their number.

    Tasks trashed after the start of the call are not deleted.

    Tasks are deleted in chunks. Each chunk is a transaction and a batch of its own, so that a large
    trash does not block other writers. If the operation is interrupted, the finished chunks remain
    deleted.

    Raises:
        InsufficientScopeError: the API token lacks the scope ``tasks:purge``.
    """
    check_purge_scope(ctx.principal)
    until = ctx.clock()
    count = 0
    while True:
        async with open_batch(ctx) as batch:
            ids = await list_expired_ids(
                batch.transaction, TASK, batch.workspace_id, until=until, limit=chunk
            )
            count += len(await purge_tasks_in_batch(batch, ids))
        if len(ids) < chunk:
            return count


async def purge_tasks_in_batch(batch: Batch, task_ids: Sequence[str]) -> list[TreeTaskRow]:
    """Permanently delete tasks, their sub-tasks and the occurrences of all of them.

    Returns:
        The deleted tasks, by number.
    """
    rows = await list_descendants(batch.transaction, batch.workspace_id, task_ids)
    occurrences = await list_occurrences_of_tasks(
        batch.transaction, batch.workspace_id, [row["id"] for row in rows]
    )
    await purge_rows(batch, OCCURRENCE, occurrences)
    await purge_rows(batch, TASK, rows)
    return rows
