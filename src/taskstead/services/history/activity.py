"""Listings of the change log with the names of the changed entities: activity and task history."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from taskstead.db.database import LongReader
from taskstead.domain.principal import Principal
from taskstead.formats.cursor import Page, decode_cursor, make_page
from taskstead.queries.history import activity
from taskstead.schemas.history.activity import ActivityListing
from taskstead.tables.changes import ChangeRow, EntityNameRow


class ListedChanges(NamedTuple):
    """One page of changes.

    Attributes:
        page: the changes, newest first.
        names: by id, the kind, name and number of the entities that the changes refer to.
    """

    page: Page[ChangeRow]
    names: Mapping[str, EntityNameRow]


async def read_activity(
    reader: LongReader, principal: Principal, query: ActivityListing, *, now: datetime
) -> ListedChanges:
    """Return the changes in the workspace that match a filter.

    Raises:
        ValidationFailedError: the cursor is invalid or belongs to another listing.
    """
    listing = f"activity {query.model_dump_json(exclude={'limit', 'cursor'})}"
    (before,) = decode_cursor(listing, query.cursor, activity.AFTER_ALL_REVISIONS)
    rows = await activity.list_activity(
        reader, principal, query, now=now, before=before, limit=query.limit + 1
    )
    return await _make_page(reader, principal, listing, rows, query.limit)


async def read_task_history(
    reader: LongReader, principal: Principal, reference: str, *, cursor: str | None, limit: int
) -> ListedChanges:
    """Return the changes of a task. A purged task is only found by its id.

    Raises:
        NotFoundError: neither the table of tasks nor the change log has such a task.
        ValidationFailedError: the cursor is invalid or belongs to another listing.
    """
    listing = f"history {reference}"
    (before,) = decode_cursor(listing, cursor, activity.AFTER_ALL_REVISIONS)
    rows = await activity.list_task_history(
        reader, principal.workspace_id, reference, before=before, limit=limit + 1
    )
    return await _make_page(reader, principal, listing, rows, limit)


async def _make_page(
    reader: LongReader, principal: Principal, listing: str, rows: list[ChangeRow], limit: int
) -> ListedChanges:
    page = make_page(listing, rows, limit, lambda row: (row["revision"],))
    names = await activity.find_names(reader, principal.workspace_id, page.rows)
    return ListedChanges(page, names)
