"""Listings of the change log with the names of the changed entities: activity and task history."""

from collections.abc import Mapping
from typing import NamedTuple

from taskstead.formats.cursor import CursorCodec, Page, decode_integer
from taskstead.queries.history import activity
from taskstead.schemas.history.activity import ActivityListing
from taskstead.services.context import ReadContext
from taskstead.tables.changes import ChangeRow, EntityNameRow


class ListedChanges(NamedTuple):
    """One page of changes.

    Attributes:
        page: the changes, newest first.
        names: by id, the kind, name and number of the entities that the changes refer to.
    """

    page: Page[ChangeRow]
    names: Mapping[str, EntityNameRow]


async def read_activity(ctx: ReadContext, query: ActivityListing) -> ListedChanges:
    """Return the changes in the workspace that match a filter.

    Raises:
        ValidationFailedError: the cursor is invalid or belongs to another listing.
    """
    filters = query.model_dump_json(exclude={"limit", "cursor"})
    cursors = CursorCodec(f"activity {filters}", decode_integer)
    (before,) = cursors.decode(query.cursor, activity.AFTER_ALL_REVISIONS)
    rows = await activity.list_activity(
        ctx.database, ctx.principal, query, now=ctx.now, before=before, limit=query.limit + 1
    )
    return await _make_page(ctx, cursors, rows, query.limit)


async def read_task_history(
    ctx: ReadContext, reference: str, *, cursor: str | None, limit: int
) -> ListedChanges:
    """Return the changes of a task. A purged task is only found by its id.

    Raises:
        NotFoundError: neither the table of tasks nor the change log has such a task.
        ValidationFailedError: the cursor is invalid or belongs to another listing.
    """
    cursors = CursorCodec(f"history {reference}", decode_integer)
    (before,) = cursors.decode(cursor, activity.AFTER_ALL_REVISIONS)
    rows = await activity.list_task_history(
        ctx.database, ctx.principal, reference, before=before, limit=limit + 1
    )
    return await _make_page(ctx, cursors, rows, limit)


async def _make_page(
    ctx: ReadContext, cursors: CursorCodec, rows: list[ChangeRow], limit: int
) -> ListedChanges:
    page = cursors.make_page(rows, limit, lambda row: (row["revision"],))
    names = await activity.find_names(ctx.database, ctx.principal, page.rows)
    return ListedChanges(page, names)
