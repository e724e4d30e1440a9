"""Moves tasks and their sub-tasks to the trash, and lists it. ``restore.py`` restores them."""

from collections.abc import Sequence
from functools import partial

from taskstead.db.database import LongReader
from taskstead.entities.tasks import TASK
from taskstead.formats.cursor import AFTER_ALL_TIMES, CursorCodec, Page, decode_id, decode_time
from taskstead.ids import BEFORE_ALL_IDS
from taskstead.queries.tasks.tasks import get_task
from taskstead.queries.tasks.trash import list_trashed_tasks
from taskstead.queries.tasks.trees import list_descendants
from taskstead.services.changelog import Batch, open_batch
from taskstead.services.context import PreparedRead, ReadContext, WriteContext
from taskstead.services.entity_writer import trash_rows
from taskstead.services.preconditions import NO_PRECONDITION, Precondition, check_precondition
from taskstead.tables.tasks import ListedTaskRow


def prepare_trash(
    ctx: ReadContext, *, cursor: str | None, limit: int
) -> PreparedRead[Page[ListedTaskRow]]:
    """Prepare the read of a page of trashed tasks. The task that was trashed last is first.

    Raises:
        ValidationFailedError: the cursor is invalid.
    """
    cursors = CursorCodec("trash", decode_time, decode_id)
    at, id_ = cursors.decode(cursor, AFTER_ALL_TIMES, BEFORE_ALL_IDS)

    async def read_page(reader: LongReader) -> Page[ListedTaskRow]:
        rows = await list_trashed_tasks(
            reader, ctx.principal.workspace_id, after=(at, id_), limit=limit + 1
        )
        return cursors.make_page(rows, limit, lambda row: (row["deleted_at"], row["id"]))

    return PreparedRead(("trash", at, id_, limit), partial(ctx.read_content, read_page))


async def trash_task(
    ctx: WriteContext, reference: str, precondition: Precondition = NO_PRECONDITION
) -> None:
    """Move a task and its sub-tasks to the trash. A trashed task is not changed.

    Raises:
        NotFoundError: there is no such task.
        RevisionMismatchError: its revision does not match the precondition.
    """
    async with open_batch(ctx) as batch:
        task = await get_task(batch.transaction, batch.workspace_id, reference)
        check_precondition(precondition, task)
        if task["deleted_at"] is None:
            await trash_tasks_in_batch(batch, [task["id"]])


async def trash_tasks_in_batch(batch: Batch, task_ids: Sequence[str]) -> None:
    """Move tasks and their sub-tasks to the trash. Trashed tasks are skipped."""
    found = await list_descendants(batch.transaction, batch.workspace_id, task_ids)
    await trash_rows(batch, TASK, [row for row in found if row["deleted_at"] is None])
