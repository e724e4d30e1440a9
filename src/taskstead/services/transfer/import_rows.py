"""Imports parsed tasks in a batch. New tasks are created; existing tasks are skipped or replaced.

``imports.py`` reads the file and calls this module for each chunk.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from taskstead.errors import FieldError, NameTakenError, TasksteadError
from taskstead.queries.tasks.tasks import ReferredTaskRow, list_references, list_tasks_by_ids
from taskstead.queries.workspaces.workspaces import list_member_ids
from taskstead.schemas.tasks.import_task import ImportTask
from taskstead.services.changelog import Batch
from taskstead.services.tasks.create import ImportedMetadata, TaskDraft, create_tasks_in_batch
from taskstead.services.tasks.update import TaskUpdate, update_tasks_in_batch

OnConflict = Literal["skip", "replace", "fail"]
"""Handling of a task whose id is in use: skip it, replace the existing task, or report an error."""


@dataclass(slots=True)
class ImportItem:
    """A task from a file, and the result of its import.

    Attributes:
        task: the task.
        result: None while the item is being processed, and if it has an error. ``deferred``: its
            parent does not exist yet.
        error: the error of a task that cannot be imported.
        is_unassigned: whether its assignee was removed, because they are not a member.
    """

    task: ImportTask
    result: Literal["created", "replaced", "unchanged", "skipped", "deferred"] | None = None
    error: TasksteadError | None = None
    is_unassigned: bool = False


class ImportRefusedError(Exception):
    """Some tasks cannot be imported, so no task was imported.

    Attributes:
        items: all items of the import, in the order of the tasks.
    """

    def __init__(self, items: Sequence[ImportItem]) -> None:
        super().__init__("some tasks cannot be imported")
        self.items = items


def count_results(items: Sequence[ImportItem]) -> Counter[str]:
    """Return the numbers of tasks that were created, replaced, unchanged, skipped or unassigned."""
    counts: Counter[str] = Counter(
        item.result for item in items if item.result not in (None, "deferred")
    )
    counts["unassigned"] = sum(item.is_unassigned and item.error is None for item in items)
    return +counts


async def import_tasks_in_batch(
    batch: Batch, tasks: Sequence[ImportTask], on_conflict: OnConflict, *, is_final: bool
) -> list[ImportItem]:
    """Create the new tasks, and handle existing ones as requested; return the results in order.

    Args:
        batch: the open batch.
        tasks: the tasks in any order; a parent may come after its children.
        on_conflict: how to handle existing tasks.
        is_final: whether no further tasks follow. If true, a missing parent is an error.
            Otherwise the task is deferred.
    """
    items = [ImportItem(task) for task in tasks]
    pending = items
    while pending:
        # If an id occurs twice, the first task is imported before the second one is handled as a
        # conflict, as if they were in different chunks.
        ids: set[str] = set()
        unique: list[ImportItem] = []
        repeated: list[ImportItem] = []
        for item in pending:
            (repeated if item.task.id in ids else unique).append(item)
            if item.task.id is not None:
                ids.add(item.task.id)
        await _import_unique(batch, unique, on_conflict, is_final=is_final)
        pending = repeated
    return items


async def _import_unique(
    batch: Batch, items: Sequence[ImportItem], on_conflict: OnConflict, *, is_final: bool
) -> None:
    """Import tasks that all have different ids."""
    found = await _find_references(batch, [item.task for item in items])
    existing = {row["id"]: row for row in found}
    for item in items:
        _handle_conflict(item, existing, on_conflict)
    pending = [item for item in items if item.result is None and item.error is None]
    ordered = _order_by_parent(pending, existing, is_final=is_final)
    await _drop_unknown_assignees(batch, ordered)
    numbers = {row["number"] for row in found}
    await _create(batch, [item for item in ordered if item.task.id not in existing], numbers)
    await _replace(batch, [item for item in ordered if item.task.id in existing])


async def _find_references(batch: Batch, tasks: Collection[ImportTask]) -> list[ReferredTaskRow]:
    ids = {task.id for task in tasks if task.id} | {task.parent for task in tasks if task.parent}
    numbers = {task.number for task in tasks if task.number}
    return await list_references(
        batch.transaction, batch.workspace_id, ids=sorted(ids), numbers=sorted(numbers)
    )


def _handle_conflict(
    item: ImportItem, existing: Mapping[str, ReferredTaskRow], on_conflict: OnConflict
) -> None:
    """Skip the item, or set its error, if its task exists and is not to be replaced."""
    task_id = item.task.id
    if task_id is None or task_id not in existing:
        return
    is_trashed = existing[task_id]["deleted_at"] is not None
    if on_conflict == "skip" or (on_conflict == "replace" and is_trashed):
        item.result = "skipped"
    elif on_conflict == "fail":
        message = f"The id {task_id} is already in use."
        field_error = FieldError("/id", message, NameTakenError.code)
        item.error = NameTakenError(message, errors=[field_error])


def _order_by_parent(
    items: Sequence[ImportItem], existing: Collection[str], *, is_final: bool
) -> list[ImportItem]:
    """Return the items with parents before children; defer items with a missing parent."""
    available = set(existing)
    ordered: list[ImportItem] = []
    pending = list(items)
    while pending:
        ready: list[ImportItem] = []
        blocked: list[ImportItem] = []
        for item in pending:
            is_ready = item.task.parent is None or item.task.parent in available
            (ready if is_ready else blocked).append(item)
        if not ready:
            if is_final:
                # Their creation fails with the usual error.
                return ordered + pending
            for item in pending:
                item.result = "deferred"
            return ordered
        ordered += ready
        available.update(item.task.id for item in ready if item.task.id is not None)
        pending = blocked
    return ordered


async def _drop_unknown_assignees(batch: Batch, items: Sequence[ImportItem]) -> None:
    """Remove assignees who are not members. They occur in files from other servers."""
    user_ids = {item.task.assignee for item in items if item.task.assignee is not None}
    if not user_ids:
        return
    members = await list_member_ids(batch.transaction, batch.workspace_id, sorted(user_ids))
    for item in items:
        if item.task.assignee is not None and item.task.assignee not in members:
            item.task = item.task.model_copy(update={"assignee": None})
            item.is_unassigned = True


async def _create(
    batch: Batch, items: Sequence[ImportItem], existing_numbers: Collection[int]
) -> None:
    if not items:
        return
    used_numbers = set(existing_numbers)
    drafts = []
    for item in items:
        task = item.task
        # A task whose number is in use gets a new number.
        number = None if task.number in used_numbers else task.number
        if number is not None:
            used_numbers.add(number)
        metadata = ImportedMetadata(
            number=number,
            position=task.position,
            created_at=task.created_at,
            updated_at=task.updated_at,
            completed_at=task.completed_at,
            deleted_at=task.deleted_at,
            deleted_batch=task.deleted_batch,
            repeat_state=task.repeat_state,
        )
        drafts.append(TaskDraft.from_body(task, metadata))
    await create_tasks_in_batch(batch, drafts)
    for item, draft in zip(items, drafts, strict=True):
        item.error = draft.error
        item.result = "created" if draft.error is None else None


async def _replace(batch: Batch, items: Sequence[ImportItem]) -> None:
    if not items:
        return
    item_of_id = {item.task.id: item for item in items if item.task.id is not None}
    rows = await list_tasks_by_ids(batch.transaction, batch.workspace_id, [*item_of_id])
    updates = []
    for row in rows:
        task = item_of_id[row["id"]].task
        metadata = {"position": task.position, "created_at": task.created_at}
        if task.completed_at is not None:
            metadata["completed_at"] = task.completed_at
        columns = {name: value for name, value in metadata.items() if value is not None}
        columns |= task.repeat_state
        updates.append(TaskUpdate(row, task.list_values(), columns, is_import=True))
    rows_after = {row["id"]: row for row in await update_tasks_in_batch(batch, updates)}
    for update in updates:
        item = item_of_id[update.old["id"]]
        if update.error is not None:
            item.error = update.error
        else:
            is_changed = rows_after[update.old["id"]] is not update.old
            item.result = "replaced" if is_changed else "unchanged"
