"""Undo of a change or of a batch. It writes the old values of the changed fields again.

A field that changed after the change to undo causes a conflict. An undo is a batch like any other,
so it can be undone too. It has two steps. First, the new rows are drafted in memory and validated
(``revert_plan.py``, ``revert_tree.py``, ``revert_references.py``). Then they are written like any
other change. The number of SQL statements does not depend on the number of changes.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from taskstead.concurrency.cooperative import yield_every
from taskstead.entities.entity import Entity
from taskstead.entities.registry import ENTITIES
from taskstead.errors import (
    LogCompactedError,
    NotFoundError,
    NotUndoableError,
    UndoConflict,
    UndoConflictError,
)
from taskstead.queries.history.undo import (
    find_change,
    get_oldest_revision,
    list_changes_of_batch,
    list_last_purges,
)
from taskstead.services.changelog import Batch, open_batch, summarize_batch
from taskstead.services.context import WriteContext
from taskstead.services.entity_writer import update_rows
from taskstead.services.history.revert_filters import (
    check_filters,
    is_hidden,
    list_renames,
    list_visible_changes,
    restore_names,
)
from taskstead.services.history.revert_plan import (
    Draft,
    Revert,
    collect_reverts,
    load_draft,
    revert,
)
from taskstead.services.history.revert_references import (
    check_assignees,
    check_due_dates,
    check_names,
)
from taskstead.services.history.revert_tree import check_tree
from taskstead.tables.changes import ChangeRow

_MAX_CONFLICTS = 100
_TOO_OLD = "This change is too old: its entries have been deleted from the change log."


class UndoResult(NamedTuple):
    """The result of an undo.

    Attributes:
        batch_id: the batch of the undo; None if nothing changed.
        changes: number of changes in the batch.
        revision: revision of the last change of the batch; None if nothing changed.
        skipped: the conflicts of the values that could not be reverted.
    """

    batch_id: str | None
    changes: int
    revision: int | None
    skipped: list[UndoConflict]


async def undo_change(
    ctx: WriteContext, revision: int, *, force: bool, entities: Sequence[Entity[Any]] = ENTITIES
) -> UndoResult:
    """Undo one change, but not the other changes of its batch.

    Args:
        ctx: the context of the request.
        revision: the revision of the change.
        force: whether to override the conflicts that can be overridden and skip the others.
        entities: the kinds of entities that can be undone.

    Raises:
        NotFoundError: the change does not exist.
        LogCompactedError: the change was deleted from the change log.
        NotUndoableError: a change of this kind cannot be undone.
        UndoConflictError: the undo has conflicts, and ``force`` is false.
    """
    async with open_batch(ctx) as batch:
        change = await find_change(
            batch.transaction, batch.workspace_id, revision, viewer_id=batch.user_id
        )
        oldest = await get_oldest_revision(batch.transaction, batch.workspace_id)
        if 0 < revision <= oldest:
            raise LogCompactedError(_TOO_OLD)
        if change is None:
            raise NotFoundError(f"There is no change {revision} in this workspace.")
        return await _undo_in_batch(batch, [change], (), entities, force=force)


class _DryRunError(Exception):
    """Rolls back the transaction of a dry run.

    Attributes:
        result: the result of the undo.
    """

    def __init__(self, result: UndoResult) -> None:
        super().__init__("dry run")
        self.result = result


async def preview_undo_of_batch(ctx: WriteContext, batch_id: str, *, force: bool) -> UndoResult:
    """Return the result of :func:`undo_batch` without writing; raise the same errors."""
    try:
        async with open_batch(ctx) as batch:
            raise _DryRunError(
                await _undo_batch(batch, batch_id, ctx.principal.user_id, ENTITIES, force=force)
            )
    except _DryRunError as error:
        return error.result._replace(batch_id=None, revision=None)


async def undo_batch(
    ctx: WriteContext, batch_id: str, *, force: bool, entities: Sequence[Entity[Any]] = ENTITIES
) -> UndoResult:
    """Undo all changes of a batch.

    Args:
        ctx: the context of the request.
        batch_id: the id of the batch in the change log.
        force: whether to override the conflicts that can be overridden and skip the others.
        entities: the kinds of entities that can be undone.

    Raises:
        NotFoundError: the change log has no such batch.
        LogCompactedError: changes of the batch were deleted from the change log.
        NotUndoableError: the batch has a change of a kind that cannot be undone.
        UndoConflictError: the undo has conflicts, and ``force`` is false.
    """
    async with open_batch(ctx) as batch:
        return await _undo_batch(batch, batch_id, ctx.principal.user_id, entities, force=force)


async def _undo_batch(
    batch: Batch, batch_id: str, user_id: str, entities: Sequence[Entity[Any]], *, force: bool
) -> UndoResult:
    all_changes = await list_changes_of_batch(batch.transaction, batch.workspace_id, batch_id)
    changes = list_visible_changes(all_changes, user_id)
    if not changes:
        raise NotFoundError(f"There is no batch {batch_id} in the log of this workspace.")
    oldest = await get_oldest_revision(batch.transaction, batch.workspace_id)
    if changes[0]["revision"] <= oldest:
        raise LogCompactedError(_TOO_OLD)
    return await _undo_in_batch(batch, changes, list_renames(all_changes), entities, force=force)


async def _undo_in_batch(
    batch: Batch,
    changes: Sequence[ChangeRow],
    renames: Sequence[ChangeRow],
    entities: Sequence[Entity[Any]],
    *,
    force: bool,
) -> UndoResult:
    """Undo changes.

    Args:
        batch: the open batch of the undo.
        changes: the changes to undo, all of which the user sees.
        renames: all changes of the batch to undo that renamed a category or a tag in filters.
        entities: the kinds of entities that can be undone.
        force: whether to override conflicts.
    """
    entity_of_kind = {entity.kind: entity for entity in entities}
    if any(change["kind"] not in entity_of_kind for change in changes):
        raise NotUndoableError(
            "Changes of a workspace and of its members cannot be undone. An owner can change them."
        )
    reverts = await collect_reverts(changes, entity_of_kind)
    renamed = await collect_reverts(renames, entity_of_kind)
    draft = await load_draft(batch, entities, [*reverts, *renamed])
    await _draft_undo(draft, reverts, renamed)
    if draft.conflicts and not force:
        raise UndoConflictError(
            _render_conflicts(draft.conflicts), conflicts=draft.conflicts[:_MAX_CONFLICTS]
        )
    for entity in entities:
        await update_rows(batch, entity, draft.list_updates(entity))
    for row in draft.planned["task"].values():
        batch.reserve_position(row["position"])
    written = summarize_batch(batch)
    skipped = [conflict for conflict in draft.conflicts if not conflict["forcible"]]
    return UndoResult(
        written.id,
        sum(1 for row in batch.rows if row["visible_to"] in (None, batch.user_id)),
        None if written.id is None else written.revision,
        skipped[:_MAX_CONFLICTS],
    )


async def _draft_undo(draft: Draft, reverts: Sequence[Revert], renamed: Sequence[Revert]) -> None:
    user_id = draft.batch.user_id
    hidden = {item.id for item in (*reverts, *renamed) if is_hidden(draft, item, user_id)}
    seen = {item.id for item in reverts} - hidden
    hidden_renames = {item.id: item for item in renamed if item.id not in seen}
    restore_names(draft, hidden_renames.values())
    reverts = [item for item in reverts if item.id not in hidden_renames]
    purges = await list_last_purges(
        draft.batch.transaction,
        draft.batch.workspace_id,
        kinds=sorted({item.kind for item in reverts}),
        ids=[item.id for item in reverts],
    )
    purged = {
        (item.kind, item.id)
        for item in reverts
        if item.is_purged
        # A filter that is no longer shared is reported like a deleted one.
        or item.id in hidden
        or purges.get((item.kind, item.id), 0) > item.last_revision
    }
    if len(purged) == len(reverts):
        raise NotUndoableError("This was permanently deleted and cannot be restored.")
    async for item in yield_every(reverts):
        if (item.kind, item.id) in purged:
            message = "It was permanently deleted."
            draft.add_conflict(item.kind, item.id, None, "purged", message)
        else:
            revert(draft, item)
    await check_tree(draft)
    await check_assignees(draft)
    await check_due_dates(draft)
    await check_names(draft)
    await check_filters(draft, user_id)


def _render_conflicts(conflicts: Sequence[UndoConflict]) -> str:
    first = conflicts[0]["message"]
    return first if len(conflicts) == 1 else f"{first} (and {len(conflicts) - 1} more)"
