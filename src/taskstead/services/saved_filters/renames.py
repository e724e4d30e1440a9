"""Writes the new name of a category or a tag in the saved filters of a workspace."""

from taskstead.concurrency.cooperative import yield_every
from taskstead.domain.filters.renaming import LabelField, make_label_key, rename_label
from taskstead.entities.saved_filters import SAVED_FILTER
from taskstead.queries.saved_filters import list_filters_with_label
from taskstead.services.changelog import Batch
from taskstead.services.entity_writer import update_rows


async def rename_label_in_filters(batch: Batch, field: LabelField, old: str, new: str) -> None:
    """Replace a name in the filters of all users, including those in the trash.

    A filter that would exceed the maximum length keeps the old name, so it matches nothing and gets
    a warning.

    Args:
        batch: the open batch, in which the label is renamed or merged.
        field: the kind of the label.
        old: the name to replace.
        new: the name to write instead.
    """
    if old == new:
        return
    key = make_label_key(field, old)
    rows = await list_filters_with_label(batch.transaction, batch.workspace_id, key)
    updates = [
        (row, {"filter": rename_label(row["filter"], field, old, new)})
        async for row in yield_every(rows)
    ]
    await update_rows(batch, SAVED_FILTER, updates)
