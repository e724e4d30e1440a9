"""Tags: list, create, update, merge and trash."""

from functools import partial

from taskstead.concurrency.cooperative import yield_every
from taskstead.db.database import LongReader
from taskstead.entities.labels import TAG
from taskstead.entities.tasks import TASK
from taskstead.errors import FieldError, ValidationFailedError
from taskstead.formats.cursor import CursorCodec, Page, decode_id, decode_text
from taskstead.ids import BEFORE_ALL_IDS, make_id
from taskstead.queries.labels.tags import (
    get_tag,
    list_tag_ids_of_tasks,
    list_tagged_task_ids,
    list_tags,
)
from taskstead.schemas.labels.tags import TagCreate, TagPatch
from taskstead.services.changelog import Batch, open_batch
from taskstead.services.context import PreparedRead, ReadContext, WriteContext
from taskstead.services.entity_writer import create_rows, trash_rows, update_rows
from taskstead.services.labels.names import check_label_id, check_label_name
from taskstead.services.preconditions import NO_PRECONDITION, Precondition, check_precondition
from taskstead.services.saved_filters.renames import rename_label_in_filters
from taskstead.tables.labels.tags import CountedTagRow, TagRow


def prepare_tags(
    ctx: ReadContext, *, cursor: str | None, limit: int
) -> PreparedRead[Page[CountedTagRow]]:
    """Prepare the read of a page of tags with task counts, in alphabetical order.

    Raises:
        ValidationFailedError: the cursor is invalid.
    """
    cursors = CursorCodec("tags", decode_text, decode_id)
    after = cursors.decode(cursor, "", BEFORE_ALL_IDS)

    async def read_page(reader: LongReader) -> Page[CountedTagRow]:
        rows = await list_tags(reader, ctx.principal.workspace_id, after=after, limit=limit + 1)
        return cursors.make_page(rows, limit, lambda row: (row["sort_key"], row["id"]))

    return PreparedRead(("tags", after, limit), partial(ctx.read_content, read_page))


async def create_tag(ctx: WriteContext, body: TagCreate) -> TagRow:
    """Create a tag; return it.

    Raises:
        NameTakenError: another tag has the id, or the name, ignoring case.
        ValidationFailedError: the name is a UUID.
    """
    async with open_batch(ctx) as batch:
        await check_label_id(batch, TAG, body.id)
        await check_label_name(batch, TAG, body.name)
        row = {"id": body.id or make_id(), "name": body.name, "color": body.color}
        (created,) = await create_rows(batch, TAG, [row])
        return created


async def update_tag(
    ctx: WriteContext, tag_id: str, body: TagPatch, precondition: Precondition = NO_PRECONDITION
) -> TagRow:
    """Change the fields of a tag that were sent; return the tag.

    A new name is also written in the saved filters that contain the old one.

    Raises:
        NotFoundError: there is no such tag.
        RevisionMismatchError: its revision does not match the precondition.
        NameTakenError: another tag has the new name. :func:`merge_tag` can merge the two tags.
        ValidationFailedError: the new name is a UUID.
    """
    async with open_batch(ctx) as batch:
        old = await get_tag(batch.transaction, batch.workspace_id, tag_id)
        check_precondition(precondition, old)
        values = body.list_values()
        if "name" in values:
            await check_label_name(batch, TAG, values["name"], old["name"])
            await rename_label_in_filters(batch, "tag", old["name"], values["name"])
        (new,) = await update_rows(batch, TAG, [(old, values)])
        return new


async def merge_tag(ctx: WriteContext, tag_id: str, *, into: str) -> TagRow:
    """Replace a tag by another tag on all its tasks and move it to the trash; return the other tag.

    Saved filters that contain the name of the tag get the name of the other tag.

    Raises:
        NotFoundError: one of the two tags does not exist.
        ValidationFailedError: both ids are the same.
    """
    if into == tag_id:
        message = "A tag cannot be merged into itself."
        raise ValidationFailedError(message, errors=[FieldError("/into", message, "same_tag")])
    async with open_batch(ctx) as batch:
        old = await get_tag(batch.transaction, batch.workspace_id, tag_id)
        target = await get_tag(batch.transaction, batch.workspace_id, into)
        await _remove_from_all_tasks(batch, tag_id, replacement=into)
        await rename_label_in_filters(batch, "tag", old["name"], target["name"])
        await trash_rows(batch, TAG, [old])
        return target


async def trash_tag(
    ctx: WriteContext, tag_id: str, precondition: Precondition = NO_PRECONDITION
) -> None:
    """Remove a tag from all tasks and move it to the trash.

    Raises:
        NotFoundError: there is no such tag.
        RevisionMismatchError: its revision does not match the precondition.
    """
    async with open_batch(ctx) as batch:
        old = await get_tag(batch.transaction, batch.workspace_id, tag_id)
        check_precondition(precondition, old)
        await _remove_from_all_tasks(batch, tag_id, replacement=None)
        await trash_rows(batch, TAG, [old])


async def _remove_from_all_tasks(batch: Batch, tag_id: str, *, replacement: str | None) -> None:
    task_ids = await list_tagged_task_ids(batch.transaction, batch.workspace_id, [tag_id])
    tag_ids = await list_tag_ids_of_tasks(batch.transaction, batch.workspace_id, task_ids)
    added = set() if replacement is None else {replacement}
    updates = [
        ({"id": task_id, "tag_ids": ids}, {"tag_ids": sorted({*ids} - {tag_id} | added)})
        async for task_id, ids in yield_every(tag_ids.items())
    ]
    await update_rows(batch, TASK, updates)
