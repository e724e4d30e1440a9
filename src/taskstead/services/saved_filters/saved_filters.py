"""Saved filters: list, create, update, move and trash.

Users see and change their own filters and the shared ones.
"""

from functools import partial
from typing import Any, NoReturn

from taskstead.db.database import LongReader
from taskstead.domain.names import make_name_key
from taskstead.entities.saved_filters import SAVED_FILTER
from taskstead.errors import FieldError, ForbiddenError, NameTakenError, ValidationFailedError
from taskstead.formats.cursor import CursorCodec, Page, decode_id, decode_text
from taskstead.ids import BEFORE_ALL_IDS, is_id, make_id
from taskstead.queries.saved_filters import (
    get_saved_filter,
    has_saved_filter,
    list_names_in_use,
    list_own_filters,
    list_saved_filters,
    list_shared_filter_ids,
)
from taskstead.queries.workspaces.workspaces import list_member_ids
from taskstead.schemas.saved_filters import FilterPlace, SavedFilterCreate, SavedFilterPatch
from taskstead.services.changelog import Batch, open_batch
from taskstead.services.context import PreparedRead, ReadContext, WriteContext
from taskstead.services.entity_writer import (
    create_rows,
    erase_private_text,
    purge_rows,
    trash_rows,
    update_rows,
)
from taskstead.services.preconditions import NO_PRECONDITION, Precondition, check_precondition
from taskstead.services.saved_filters.order import AT_END, choose_position
from taskstead.services.tasks.item_errors import prefix_pointers
from taskstead.tables.saved_filters import SavedFilterRow


def prepare_saved_filters(
    ctx: ReadContext, *, cursor: str | None, limit: int
) -> PreparedRead[Page[SavedFilterRow]]:
    """Prepare the read of a page of the filters that the user sees, in the manual order.

    Raises:
        ValidationFailedError: the cursor is invalid.
    """
    cursors = CursorCodec("filters", decode_text, decode_id)
    after = cursors.decode(cursor, "", BEFORE_ALL_IDS)
    user_id = ctx.principal.user_id

    async def read_page(reader: LongReader) -> Page[SavedFilterRow]:
        rows = await list_saved_filters(
            reader, ctx.principal.workspace_id, user_id=user_id, after=after, limit=limit + 1
        )
        return cursors.make_page(rows, limit, lambda row: (row["position"], row["id"]))

    key = ("filters", user_id, after, limit)
    return PreparedRead(key, partial(ctx.read_content, read_page))


async def create_saved_filter(ctx: WriteContext, body: SavedFilterCreate) -> SavedFilterRow:
    """Create a filter; return it.

    Raises:
        NameTakenError: the id is in use, or another filter of this owner, or another shared one,
            has the name.
        ValidationFailedError: the filter beside the place does not exist, or the name is a UUID.
    """
    user_id = ctx.principal.user_id
    async with open_batch(ctx) as batch:
        if body.id is not None and await has_saved_filter(
            batch.transaction, batch.workspace_id, body.id
        ):
            message = f"The id {body.id} is already in use."
            field_error = FieldError("/id", message, NameTakenError.code)
            raise NameTakenError(message, errors=[field_error])
        row = {
            "id": body.id or make_id(),
            "name": body.name,
            "filter": body.filter,
            "sort": body.sort,
            "group_by": body.group_by,
            "color": body.color,
            "owner_id": user_id,
            "is_shared": body.shared,
        }
        await _check_name(batch, row)
        place = AT_END if body.place is None else body.place
        row["position"] = await choose_position(
            batch, place, user_id=user_id, moved_id=str(row["id"]), current=None
        )
        (created,) = await create_rows(batch, SAVED_FILTER, [row])
        return created


async def update_saved_filter(
    ctx: WriteContext,
    filter_id: str,
    body: SavedFilterPatch,
    precondition: Precondition = NO_PRECONDITION,
) -> SavedFilterRow:
    """Change the fields of a filter that were sent; return the filter.

    Raises:
        NotFoundError: there is no such filter, or it is another user's own.
        RevisionMismatchError: its revision does not match the precondition.
        ForbiddenError: another user than its owner stops sharing it.
        NameTakenError: another filter of its owner, or another shared one, has the name.
        ValidationFailedError: the filter beside the place does not exist, or the name is a UUID.
    """
    return await _update(ctx, filter_id, body.list_values(), precondition)


async def move_saved_filter(
    ctx: WriteContext,
    filter_id: str,
    place: FilterPlace,
    precondition: Precondition = NO_PRECONDITION,
) -> SavedFilterRow:
    """Move a filter in the manual order; return it. It is not changed if it is already there.

    Raises:
        NotFoundError: there is no such filter, or it is another user's own.
        RevisionMismatchError: its revision does not match the precondition.
        ValidationFailedError: the filter beside the place does not exist.
    """
    try:
        return await _update(ctx, filter_id, {"place": place}, precondition)
    except ValidationFailedError as error:
        prefix_pointers(error, "", old_prefix="/place")
        raise


async def trash_saved_filter(
    ctx: WriteContext, filter_id: str, precondition: Precondition = NO_PRECONDITION
) -> None:
    """Move a filter to the trash.

    Raises:
        NotFoundError: there is no such filter, or it is another user's own.
        RevisionMismatchError: its revision does not match the precondition.
    """
    async with open_batch(ctx) as batch:
        old = await get_saved_filter(
            batch.transaction, batch.workspace_id, filter_id, user_id=ctx.principal.user_id
        )
        check_precondition(precondition, old)
        await trash_rows(batch, SAVED_FILTER, [old])


async def purge_private_data_in_batch(batch: Batch, user_id: str) -> None:
    """Permanently delete what only a removed member saw.

    These are the member's own filters, and the text that shared filters had before they were
    shared.
    """
    rows = await list_own_filters(batch.transaction, batch.workspace_id, owner_id=user_id)
    await purge_rows(batch, SAVED_FILTER, rows)
    shared_ids = await list_shared_filter_ids(
        batch.transaction, batch.workspace_id, owner_id=user_id
    )
    await erase_private_text(batch, SAVED_FILTER, shared_ids, visible_to=user_id)


async def _update(
    ctx: WriteContext, filter_id: str, values: dict[str, Any], precondition: Precondition
) -> SavedFilterRow:
    user_id = ctx.principal.user_id
    async with open_batch(ctx) as batch:
        old = await get_saved_filter(
            batch.transaction, batch.workspace_id, filter_id, user_id=user_id
        )
        check_precondition(precondition, old)
        place: FilterPlace | None = values.pop("place", None)
        row = {**old, **values}
        if old["is_shared"] and not row["is_shared"] and old["owner_id"] != user_id:
            await _reject_unsharing(batch, old["owner_id"])
        if {"name", "is_shared"} & values.keys():
            await _check_name(batch, row)
        if place is not None:
            values["position"] = await choose_position(
                batch, place, user_id=user_id, moved_id=old["id"], current=old["position"]
            )
        (new,) = await update_rows(batch, SAVED_FILTER, [(old, values)])
        return new


async def _reject_unsharing(batch: Batch, owner_id: str) -> NoReturn:
    members = await list_member_ids(batch.transaction, batch.workspace_id, [owner_id])
    raise ForbiddenError(
        "Only the owner of a shared filter can stop sharing it."
        if members
        else "The owner of this filter has left the workspace, so nobody can stop sharing it. "
        "Delete it instead."
    )


async def _check_name(batch: Batch, row: dict[str, Any]) -> None:
    """Check that no other filter that the same users see has the name.

    Raises:
        NameTakenError: another filter has it, ignoring case.
        ValidationFailedError: the name is a UUID.
    """
    if is_id(row["name"]):
        message = "The name of a filter cannot be a UUID, because it would be read as an id."
        raise ValidationFailedError(message, errors=[FieldError("/name", message, "id_as_name")])
    in_use = await list_names_in_use(
        batch.transaction, batch.workspace_id, name_keys=[make_name_key(row["name"])]
    )
    visible_to = SAVED_FILTER.find_visible_to(row)
    for other in in_use:
        if other["id"] != row["id"] and SAVED_FILTER.find_visible_to(other) == visible_to:
            whose = "A shared filter" if row["is_shared"] else "A filter of yours"
            raise NameTakenError(f"{whose} named {row['name']!r} already exists.")
