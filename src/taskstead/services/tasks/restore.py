"""Restores tasks from the trash, together with the sub-tasks trashed in the same batch."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from taskstead.entities.labels import CATEGORY
from taskstead.entities.tasks import TASK
from taskstead.errors import TaskTrashedError
from taskstead.queries.entities import list_rows_by_ids
from taskstead.queries.labels.labels import list_labels_named
from taskstead.queries.tasks.tasks import ReferredTaskRow, get_task, list_references
from taskstead.queries.tasks.trees import TreeTaskRow, list_descendants
from taskstead.services.changelog import Batch, open_batch
from taskstead.services.context import WriteContext
from taskstead.services.entity_writer import restore_rows, update_rows
from taskstead.tables.tasks import TaskDetailRow


async def restore_task(ctx: WriteContext, reference: str) -> TaskDetailRow:
    """Restore a task, and its sub-tasks that were trashed with it; return the task.

    If its category is in the trash, the category is restored too. A task that is not in the trash
    is returned unchanged.

    Raises:
        NotFoundError: there is no such task.
        TaskTrashedError: its parent is in the trash and must be restored first.
    """
    async with open_batch(ctx) as batch:
        task = await get_task(batch.transaction, batch.workspace_id, reference)
        if task["deleted_at"] is None:
            return task
        for error in (await restore_tasks_in_batch(batch, [task["id"]])).values():
            raise error
        return await get_task(batch.transaction, batch.workspace_id, task["id"])


async def restore_tasks_in_batch(
    batch: Batch, task_ids: Sequence[str]
) -> dict[str, TaskTrashedError]:
    """Restore tasks one after another, each with the sub-tasks that were trashed with it.

    Args:
        batch: the open batch.
        task_ids: ids of the tasks. Live tasks are skipped.

    Returns:
        By task id, the errors of the tasks whose parent is in the trash. They are not restored.
    """
    rows = await list_descendants(batch.transaction, batch.workspace_id, task_ids)
    trash = _TrashedTasks(rows, await _list_parents(batch, rows))
    errors: dict[str, TaskTrashedError] = {}
    for task_id in task_ids:
        try:
            trash.restore(task_id)
        except TaskTrashedError as error:
            errors[task_id] = error
    await _write_restored(batch, [row for row in rows if row["id"] in trash.restored])
    return errors


class _TrashedTasks:
    """The tasks to restore, their descendants and their parents, and which of them are trashed.

    Attributes:
        restored: the ids of the tasks that are to be restored.
    """

    def __init__(self, rows: Iterable[TreeTaskRow], parents: Iterable[ReferredTaskRow]) -> None:
        self.restored: set[str] = set()
        self._rows = {row["id"]: row for row in rows}
        self._numbers = {row["id"]: row["number"] for row in (*parents, *rows)}
        self._trashed = {row["id"] for row in (*parents, *rows) if row["deleted_at"] is not None}
        self._children: defaultdict[str | None, list[str]] = defaultdict(list)
        for row in rows:
            self._children[row["parent_id"]].append(row["id"])

    def restore(self, task_id: str) -> None:
        """Add a task and the sub-tasks trashed with it to ``restored``, unless it is live.

        Raises:
            TaskTrashedError: its parent is in the trash.
        """
        if task_id not in self._trashed:
            return
        row = self._rows[task_id]
        parent_id = row["parent_id"]
        if parent_id is not None and parent_id in self._trashed:
            number = self._numbers[parent_id]
            raise TaskTrashedError(
                f"The parent of task {row['number']}, task {number}, is in the trash. "
                "Restore the parent first."
            )
        batch_id = row["deleted_batch"]
        found = []
        pending = [task_id]
        while pending:
            current = pending.pop()
            if current in self._trashed and self._rows[current]["deleted_batch"] == batch_id:
                found.append(current)
                pending += self._children[current]
        self._trashed.difference_update(found)
        self.restored.update(found)


async def _list_parents(batch: Batch, rows: Iterable[TreeTaskRow]) -> list[ReferredTaskRow]:
    loaded_ids = {row["id"] for row in rows}
    parent_ids = {row["parent_id"] for row in rows if row["parent_id"] is not None} - loaded_ids
    if not parent_ids:
        return []
    return await list_references(
        batch.transaction, batch.workspace_id, ids=sorted(parent_ids), numbers=[]
    )


async def _write_restored(batch: Batch, rows: Sequence[TreeTaskRow]) -> None:
    category_ids = await _restore_categories(
        batch, {row["category_id"] for row in rows if row["category_id"] is not None}
    )
    updates = [
        (
            row,
            {
                **dict.fromkeys(TASK.trash_fields),
                "category_id": row["category_id"] and category_ids[row["category_id"]],
            },
        )
        for row in rows
    ]
    await update_rows(batch, TASK, updates)


async def _restore_categories(batch: Batch, category_ids: Collection[str]) -> dict[str, str]:
    """Restore categories from the trash. Live categories are skipped.

    If a live category has the same name, the trashed category is not restored, and its tasks must
    be moved to the live one. If two trashed categories have the same name, the older one is
    restored.

    Returns:
        By category id, the id of the category that its tasks must have.
    """
    reader, workspace_id = batch.transaction, batch.workspace_id
    targets = {category_id: category_id for category_id in category_ids}
    if not targets:
        return targets
    found = await list_rows_by_ids(reader, CATEGORY, workspace_id, sorted(targets))
    trashed = [row for row in found if row["deleted_at"] is not None]
    if not trashed:
        return targets
    keys = sorted({row["name_key"] for row in trashed})
    namesakes = await list_labels_named(reader, CATEGORY, workspace_id, keys)
    holders = {row["name_key"]: row["id"] for row in namesakes}
    for row in trashed:
        targets[row["id"]] = holders.setdefault(row["name_key"], row["id"])
    restored = [row for row in trashed if targets[row["id"]] == row["id"]]
    await restore_rows(batch, CATEGORY, restored)
    return targets
