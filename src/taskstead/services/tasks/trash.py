"""Moves tasks and their sub-tasks to the trash, and lists it. ``restore.py`` restores them."""

from collections.abc import Sequence
from functools import partial

from taskstead.clock import render_instant
from taskstead.db.database import Database, LongReader
from taskstead.domain.principal import Principal
from taskstead.entities.tasks import TASK
from taskstead.formats.cursor import (
    AFTER_ALL_TIMES,
    Page,
    decode_cursor,
    make_page,
    parse_time,
)
from taskstead.ids import BEFORE_ALL_IDS
from taskstead.queries.tasks.tasks import get_task
from taskstead.queries.tasks.trash import list_trashed_tasks
from taskstead.queries.tasks.trees import list_descendants
from taskstead.services.changelog import Batch, open_batch
from taskstead.services.content_reader import ContentReader, PreparedRead
from taskstead.services.entity_writer import trash_rows
from taskstead.services.preconditions import NO_PRECONDITION, Precondition, check_precondition
from taskstead.tables.tasks import ListedTaskRow


def prepare_trash(
    content: ContentReader, principal: Principal, *, cursor: str | None, limit: int
) -> PreparedRead[Page[ListedTaskRow]]:
    """Prepare the read of a page of trashed tasks. The task that was trashed last is first.

    Raises:
        ValidationFailedError: the cursor is invalid.
    """
    listing = "trash"
    at, id_ = decode_cursor(listing, cursor, AFTER_ALL_TIMES, BEFORE_ALL_IDS)
    after = (parse_time(at), id_)

    async def read_page(reader: LongReader) -> Page[ListedTaskRow]:
        rows = await list_trashed_tasks(
            reader, principal.workspace_id, after=after, limit=limit + 1
        )
        return make_page(listing, rows, limit, _get_cursor_key)

    return PreparedRead(("trash", at, id_, limit), partial(content.read, principal, read_page))


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


def _get_cursor_key(row: ListedTaskRow) -> tuple[str, str]:
    deleted_at = row["deleted_at"]
    # Every task of this listing is in the trash, but the type of the row does not state it.
    return "" if deleted_at is None else render_instant(deleted_at), row["id"]
