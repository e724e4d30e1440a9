"""Undoing a change or a whole batch: old values are put back where they are still the new ones.

An undo is a batch like any other and can be undone itself. What it is to make of things is drafted
and checked first (``undo_draft.py``, ``undo_tree.py``, ``undo_names.py``), then written by the
services of tasks, categories and tags, with a handful of statements however many there are.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from taskstead.cooperative import yield_every
from taskstead.db.database import Database
from taskstead.db.statements import Row
from taskstead.errors import (
    LogCompactedError,
    NotFoundError,
    NotUndoableError,
    UndoConflictError,
)
from taskstead.queries.principals import Principal
from taskstead.queries.undo import (
    find_change,
    get_oldest_revision,
    list_changes_of_batch,
    list_last_purges,
)
from taskstead.services.categories import write_categories_in_batch
from taskstead.services.changes import Batch, open_batch
from taskstead.services.tags import write_tags_in_batch
from taskstead.services.task_changes import write_tasks_in_batch
from taskstead.services.undo_draft import Draft, Revert, collect_reverts, load_draft, revert
from taskstead.services.undo_names import check_names, check_people_and_zones
from taskstead.services.undo_tree import check_tree

_MOST_CONFLICTS = 100
_TOO_OLD = "This is too long ago: the log does not hold all of it any more."


class UndoResult(NamedTuple):
    """What has come of an undo.

    Attributes:
        batch_id: the undo's own batch; None when nothing was to be done.
        changes: how many there are in it.
        revision: of the last of them.
        skipped: what could not be put back, JSON data of ``schemas.undo.UndoConflict``.
    """

    batch_id: str | None
    changes: int
    revision: int | None
    skipped: list[dict[str, Any]]


async def undo_change(
    database: Database, principal: Principal, revision: int, *, force: bool
) -> UndoResult:
    """Undo one change, and nothing else of its batch.

    Args:
        database: the application's database.
        principal: who, in which workspace.
        revision: the change's number.
        force: put old values back whatever is there now, as far as that is possible at all.

    Raises:
        NotFoundError: there is no such change.
        LogCompactedError: the log does not reach back that far.
        NotUndoableError: it is one that nobody can undo.
        UndoConflictError: what it changed has been changed since; not with force.
    """
    async with open_batch(database, principal) as batch:
        change = await find_change(batch.transaction, batch.workspace_id, revision)
        oldest = await get_oldest_revision(batch.transaction, batch.workspace_id)
        if 0 < revision <= oldest:
            raise LogCompactedError(_TOO_OLD)
        if change is None:
            raise NotFoundError(f"There is no change {revision} in this workspace.")
        return await _undo_in_batch(batch, [change], force=force)


async def undo_batch(
    database: Database, principal: Principal, batch_id: str, *, force: bool
) -> UndoResult:
    """Undo all that one request has changed.

    Args:
        database: the application's database.
        principal: who, in which workspace.
        batch_id: as the log tells it.
        force: put old values back whatever is there now, as far as that is possible at all.

    Raises:
        NotFoundError: the log knows of no such batch (any more).
        LogCompactedError: the log does not hold all of it any more.
        NotUndoableError: there is something in it that nobody can undo.
        UndoConflictError: what it changed has been changed since; not with force.
    """
    async with open_batch(database, principal) as batch:
        changes = await list_changes_of_batch(batch.transaction, batch.workspace_id, batch_id)
        if not changes:
            raise NotFoundError(f"There is no batch {batch_id} in this workspace, or not any more.")
        oldest = await get_oldest_revision(batch.transaction, batch.workspace_id)
        if changes[0]["revision"] <= oldest:
            raise LogCompactedError(_TOO_OLD)
        return await _undo_in_batch(batch, changes, force=force)


async def _undo_in_batch(batch: Batch, changes: Sequence[Row], *, force: bool) -> UndoResult:
    if any(change["kind"] in ("workspace", "member") for change in changes):
        raise NotUndoableError(
            "Changes of a workspace and of its members are not undone; an owner makes others."
        )
    wishes = await collect_reverts(changes)
    draft = await load_draft(batch, wishes)
    await _draft_undo(draft, wishes)
    if draft.conflicts and not force:
        raise UndoConflictError(
            _describe(draft.conflicts), conflicts=draft.conflicts[:_MOST_CONFLICTS]
        )
    await write_categories_in_batch(batch, draft.list_pairs("category"))
    await write_tags_in_batch(batch, draft.list_pairs("tag"))
    await write_tasks_in_batch(batch, draft.list_pairs("task"))
    count = len(batch.rows)
    skipped = [conflict for conflict in draft.conflicts if not conflict["forcible"]]
    return UndoResult(
        batch.id if count else None,
        count,
        batch.first_revision + count - 1 if count else None,
        skipped[:_MOST_CONFLICTS],
    )


async def _draft_undo(draft: Draft, wishes: Sequence[Revert]) -> None:
    purges = await list_last_purges(
        draft.batch.transaction,
        draft.batch.workspace_id,
        kinds=sorted({wish.kind for wish in wishes}),
        ids=[wish.id for wish in wishes],
    )
    there = [
        wish
        for wish in wishes
        if not (wish.is_purged or purges.get(wish.id, 0) > wish.last_revision)
    ]
    if not there:
        raise NotUndoableError("What was deleted for good cannot be brought back.")
    gone = {wish.id for wish in wishes} - {wish.id for wish in there}
    async for wish in yield_every(wishes):
        if wish.id in gone:
            message = "It was deleted for good."
            draft.note(wish.kind, wish.id, None, "purged", message)
        else:
            revert(draft, wish)
    await check_tree(draft)
    await check_people_and_zones(draft)
    await check_names(draft)


def _describe(conflicts: Sequence[dict[str, Any]]) -> str:
    first = conflicts[0]["message"]
    return first if len(conflicts) == 1 else f"{first} (and {len(conflicts) - 1} more)"
