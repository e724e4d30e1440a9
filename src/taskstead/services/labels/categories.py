"""Categories: list, create, update and trash."""

from functools import partial

from taskstead.db.database import LongReader
from taskstead.entities.labels import CATEGORY
from taskstead.entities.tasks import TASK
from taskstead.errors import FieldError, ValidationFailedError
from taskstead.formats.cursor import CursorCodec, Page, decode_id, decode_integer
from taskstead.ids import BEFORE_ALL_IDS, make_id
from taskstead.queries.labels.categories import (
    find_category,
    get_category,
    get_last_position,
    list_categories,
    list_tasks_of_category,
)
from taskstead.schemas.labels.categories import CategoryCreate, CategoryPatch
from taskstead.services.changelog import Batch, open_batch
from taskstead.services.context import PreparedRead, ReadContext, WriteContext
from taskstead.services.entity_writer import create_rows, trash_rows, update_rows
from taskstead.services.labels.names import check_label_id, check_label_name
from taskstead.services.preconditions import NO_PRECONDITION, Precondition, check_precondition
from taskstead.services.saved_filters.renames import rename_label_in_filters
from taskstead.services.tasks.trash import trash_tasks_in_batch
from taskstead.tables.labels.categories import CategoryRow, CountedCategoryRow


def prepare_categories(
    ctx: ReadContext, *, cursor: str | None, limit: int
) -> PreparedRead[Page[CountedCategoryRow]]:
    """Prepare the read of a page of categories with task counts, in order of position.

    Raises:
        ValidationFailedError: the cursor is invalid.
    """
    cursors = CursorCodec("categories", decode_integer, decode_id)
    position, id_ = cursors.decode(cursor, -1, BEFORE_ALL_IDS)

    async def read_page(reader: LongReader) -> Page[CountedCategoryRow]:
        rows = await list_categories(
            reader, ctx.principal.workspace_id, after=(position, id_), limit=limit + 1
        )
        return cursors.make_page(rows, limit, lambda row: (row["position"], row["id"]))

    return PreparedRead(("categories", position, id_, limit), partial(ctx.read_content, read_page))


async def create_category(ctx: WriteContext, body: CategoryCreate) -> CategoryRow:
    """Create a category; return it.

    Raises:
        NameTakenError: another category has the same id, or the same name, ignoring case.
        ValidationFailedError: the name is a UUID.
    """
    async with open_batch(ctx) as batch:
        await check_label_id(batch, CATEGORY, body.id)
        await check_label_name(batch, CATEGORY, body.name)
        position = body.position
        if position is None:
            position = 1 + await get_last_position(batch.transaction, batch.workspace_id)
        row = {
            "id": body.id or make_id(),
            "name": body.name,
            "color": body.color,
            "position": position,
            "is_archived": body.archived,
        }
        (created,) = await create_rows(batch, CATEGORY, [row])
        return created


async def update_category(
    ctx: WriteContext,
    category_id: str,
    body: CategoryPatch,
    precondition: Precondition = NO_PRECONDITION,
) -> CategoryRow:
    """Change the fields of a category that were sent; return the category.

    A new name is also written in the saved filters that contain the old one.

    Raises:
        NotFoundError: there is no such category.
        RevisionMismatchError: its revision does not match the precondition.
        NameTakenError: another category has the new name.
        ValidationFailedError: the new name is a UUID.
    """
    async with open_batch(ctx) as batch:
        old = await get_category(batch.transaction, batch.workspace_id, category_id)
        check_precondition(precondition, old)
        values = body.list_values()
        if "name" in values:
            await check_label_name(batch, CATEGORY, values["name"], old["name"])
            await rename_label_in_filters(batch, "category", old["name"], values["name"])
        (new,) = await update_rows(batch, CATEGORY, [(old, values)])
        return new


async def trash_category(
    ctx: WriteContext,
    category_id: str,
    precondition: Precondition = NO_PRECONDITION,
    *,
    move_to: str | None,
) -> None:
    """Move a category to the trash. Its tasks are trashed too, or moved to another category.

    Args:
        ctx: the context of the request.
        category_id: the category's id.
        precondition: the required revision, if any.
        move_to: id of the category that gets the tasks; None to trash them.

    Raises:
        NotFoundError: there is no such category.
        RevisionMismatchError: its revision does not match the precondition.
        ValidationFailedError: ``move_to`` is not another category of the workspace.
    """
    async with open_batch(ctx) as batch:
        old = await get_category(batch.transaction, batch.workspace_id, category_id)
        check_precondition(precondition, old)
        tasks = await list_tasks_of_category(batch.transaction, batch.workspace_id, category_id)
        if move_to is None:
            await trash_tasks_in_batch(batch, [task["id"] for task in tasks])
        else:
            target = await _get_target(batch, category_id, move_to)
            await rename_label_in_filters(batch, "category", old["name"], target["name"])
            await update_rows(batch, TASK, [(task, {"category_id": move_to}) for task in tasks])
        await trash_rows(batch, CATEGORY, [old])


async def _get_target(batch: Batch, category_id: str, move_to: str) -> CategoryRow:
    target = await find_category(batch.transaction, batch.workspace_id, move_to)
    if target is None or move_to == category_id:
        message = "move_to must be the id of another category in this workspace."
        raise ValidationFailedError(
            message, errors=[FieldError("query/move_to", message, "category")]
        )
    return target
