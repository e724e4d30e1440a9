"""Restores tasks from the trash, together with the sub-tasks trashed in the same batch."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from taskstead.db.database import Database
from taskstead.entities.tasks import TASK
from taskstead.errors import TaskTrashedError
from taskstead.queries.principals import Principal
from taskstead.queries.task_trees import TreeTaskRow, list_descendants
from taskstead.queries.tasks import ReferredTaskRow, get_task, list_references
from taskstead.services.categories import restore_categories_in_batch
from taskstead.services.changes import Batch, open_batch
from taskstead.services.entity_writer import update_rows
from taskstead.tables.tasks import TaskDetailRow


async def restore_task(database: Database, principal: Principal, reference: str) -> TaskDetailRow:
    """Restore a task, and its sub-tasks that were trashed with it; return the task.

    If its category is in the trash, the category is restored too. A task that is not in the trash
    is returned unchanged.

    Raises:
        NotFoundError: there is no such task.
        TaskTrashedError: its parent is in the trash and must be restored first.
    """
    async with open_batch(database, principal) as batch:
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
    category_ids = await restore_categories_in_batch(
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
