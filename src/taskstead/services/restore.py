"""Bringing tasks back from the trash: exactly those that went there together."""

from sqlalchemy import bindparam, update

from taskstead.db.database import Database
from taskstead.db.statements import Row
from taskstead.errors import TaskTrashedError
from taskstead.queries.callers import Caller
from taskstead.queries.tasks import get_task, list_descendants, list_tasks_by_ids
from taskstead.services.categories import restore_category_in_batch
from taskstead.services.changes import Batch, compare_rows, open_batch
from taskstead.tables.tasks import tasks

_LOGGED = ("deleted_at", "deleted_batch", "category_id")
_RESTORE = (
    update(tasks)
    .where(tasks.c.workspace_id == bindparam("workspace"), tasks.c.id == bindparam("task"))
    .values({name: bindparam(name) for name in (*_LOGGED, "revision", "updated_at")})
)


async def restore_task(database: Database, caller: Caller, reference: str) -> Row:
    """Bring a task back with all below it that was trashed along with it; return the task.

    A category that is in the trash comes back with its tasks. A task that is not in the trash
    stays as it is.

    Raises:
        NotFoundError: there is no such task.
        TaskTrashedError: its parent is in the trash and has to be restored first.
    """
    async with open_batch(database, caller) as batch:
        task = await get_task(batch.transaction, batch.workspace_id, reference)
        if task["deleted_at"] is None:
            return task
        await _check_parent(batch, task)
        below = await list_descendants(batch.transaction, batch.workspace_id, [task["id"]])
        ids = [row["id"] for row in below if row["deleted_batch"] == task["deleted_batch"]]
        await _restore_in_batch(batch, ids)
        return await get_task(batch.transaction, batch.workspace_id, task["id"])


async def _check_parent(batch: Batch, task: Row) -> None:
    if task["parent_id"] is None:
        return
    parent = await get_task(batch.transaction, batch.workspace_id, task["parent_id"])
    if parent["deleted_at"] is not None:
        message = (
            f"The parent of task {task['number']}, task {parent['number']}, is in the trash: "
            "restore that one first."
        )
        raise TaskTrashedError(message)


async def _restore_in_batch(batch: Batch, ids: list[str]) -> None:
    found = await list_tasks_by_ids(batch.transaction, batch.workspace_id, ids)
    category_ids = {
        category_id: await restore_category_in_batch(batch, category_id)
        for category_id in sorted({row["category_id"] for row in found if row["category_id"]})
    }
    rows: list[Row] = []
    for old in found:
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
