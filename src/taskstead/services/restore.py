"""Restores tasks from the trash, together with the sub-tasks trashed in the same batch."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy import bindparam, update

from taskstead.cooperative import yield_every
from taskstead.db.database import Database
from taskstead.db.statements import Row
from taskstead.errors import TaskTrashedError
from taskstead.queries.principals import Principal
from taskstead.queries.task_trees import list_descendants
from taskstead.queries.tasks import get_task, list_references, list_tasks_by_ids
from taskstead.services.categories import restore_categories_in_batch
from taskstead.services.changes import Batch, compare_rows, open_batch
from taskstead.services.problems import Problems, raise_first_problem
from taskstead.tables.tasks import tasks

_LOGGED = ("deleted_at", "deleted_batch", "category_id")
_RESTORE = (
    update(tasks)
    .where(tasks.c.workspace_id == bindparam("workspace"), tasks.c.id == bindparam("task"))
    .values({name: bindparam(name) for name in (*_LOGGED, "revision", "updated_at")})
)


async def restore_task(database: Database, principal: Principal, reference: str) -> Row:
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
        problems: Problems = {}
        await restore_tasks_in_batch(batch, [task["id"]], problems)
        raise_first_problem(problems)
        return await get_task(batch.transaction, batch.workspace_id, task["id"])


async def restore_tasks_in_batch(batch: Batch, task_ids: Sequence[str], problems: Problems) -> None:
    """Restore tasks one after another, each with the sub-tasks that were trashed with it.

    Args:
        batch: the open batch.
        task_ids: ids of the tasks. Live tasks are skipped.
        problems: receives an error, by index, for each task whose parent is in the trash.
    """
    rows = await list_descendants(batch.transaction, batch.workspace_id, task_ids)
    trash = _TrashedTasks(rows, await _list_parents(batch, rows))
    restored: list[str] = []
    for index, task_id in enumerate(task_ids):
        try:
            restored += trash.restore(task_id)
        except TaskTrashedError as error:
            problems[index] = error
    await _write_restored(batch, restored)


class _TrashedTasks:
    """The tasks to restore, their descendants and their parents, and which of them are trashed."""

    def __init__(self, rows: Iterable[Row], parents: Iterable[Row]) -> None:
        self._rows = {row["id"]: row for row in (*parents, *rows)}
        self._trashed = {id_ for id_, row in self._rows.items() if row["deleted_at"] is not None}
        self._children: defaultdict[str, list[str]] = defaultdict(list)
        for row in rows:
            self._children[row["parent_id"]].append(row["id"])

    def restore(self, task_id: str) -> list[str]:
        """Mark a task and the sub-tasks trashed with it as restored.

        Returns:
            The ids of the restored tasks; empty if the task is not in the trash.

        Raises:
            TaskTrashedError: its parent is in the trash.
        """
        if task_id not in self._trashed:
            return []
        row = self._rows[task_id]
        if row["parent_id"] in self._trashed:
            number = self._rows[row["parent_id"]]["number"]
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
        return found


async def _list_parents(batch: Batch, rows: Iterable[Row]) -> list[Row]:
    loaded_ids = {row["id"] for row in rows}
    parent_ids = {row["parent_id"] for row in rows if row["parent_id"] is not None} - loaded_ids
    if not parent_ids:
        return []
    return await list_references(
        batch.transaction, batch.workspace_id, ids=sorted(parent_ids), numbers=[]
    )


async def _write_restored(batch: Batch, ids: Sequence[str]) -> None:
    found = await list_tasks_by_ids(batch.transaction, batch.workspace_id, ids)
    found.sort(key=lambda row: int(row["number"]))
    category_ids = await restore_categories_in_batch(
        batch, {row["category_id"] for row in found if row["category_id"]}
    )
    rows: list[Row] = []
    async for old in yield_every(found):
        new = {
            **old,
            "deleted_at": None,
            "deleted_batch": None,
            "category_id": category_ids.get(old["category_id"]),
        }
        fields = compare_rows(old, new, _LOGGED)
        revision = batch.record_change("task", old["id"], "restored", fields)
        rows.append(
            {
                **{name: new[name] for name in _LOGGED},
                "workspace": batch.workspace_id,
                "task": old["id"],
                "updated_at": batch.at,
                "revision": revision,
            }
        )
    await batch.transaction.execute_many(_RESTORE, rows)
