"""Moves tasks and their sub-tasks to the trash, and lists it. ``restore.py`` restores them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial

from taskstead.db.database import LongReader
from taskstead.entities.tasks import TASK
from taskstead.errors import OpenSubtasksError
from taskstead.formats.cursor import AFTER_ALL_TIMES, CursorCodec, Page, decode_id, decode_time
from taskstead.ids import BEFORE_ALL_IDS
from taskstead.queries.tasks.tasks import get_task
from taskstead.queries.tasks.trash import list_trashed_tasks
from taskstead.queries.tasks.trees import list_descendants
from taskstead.schemas.tasks.subtasks import SubtaskChoice
from taskstead.services.changelog import Batch, open_batch
from taskstead.services.context import PreparedRead, ReadContext, WriteContext
from taskstead.services.entity_writer import trash_rows
from taskstead.services.preconditions import NO_PRECONDITION, Precondition, check_precondition
from taskstead.services.tasks.subtasks.forest import TaskForest, load_forest
from taskstead.services.tasks.update import TaskUpdate, update_tasks_in_batch
from taskstead.tables.tasks import ListedTaskRow

NO_CHOICES: Mapping[str, SubtaskChoice | None] = {}


def prepare_trash(
    ctx: ReadContext, *, cursor: str | None, limit: int
) -> PreparedRead[Page[ListedTaskRow]]:
    """Prepare the read of a page of trashed tasks. The task that was trashed last is first.

    Raises:
        ValidationFailedError: the cursor is invalid.
    """
    cursors = CursorCodec("trash", decode_time, decode_id)
    at, id_ = cursors.decode(cursor, AFTER_ALL_TIMES, BEFORE_ALL_IDS)

    async def read_page(reader: LongReader) -> Page[ListedTaskRow]:
        rows = await list_trashed_tasks(
            reader, ctx.principal.workspace_id, after=(at, id_), limit=limit + 1
        )
        return cursors.make_page(rows, limit, lambda row: (row["deleted_at"], row["id"]))

    return PreparedRead(("trash", at, id_, limit), partial(ctx.read_content, read_page))


async def trash_task(
    ctx: WriteContext,
    reference: str,
    precondition: Precondition = NO_PRECONDITION,
    *,
    subtasks: SubtaskChoice | None = None,
) -> None:
    """Move a task and its sub-tasks to the trash. A trashed task is not changed.

    Args:
        ctx: the context of the request.
        reference: the id or number of the task.
        precondition: the precondition on the task's revision.
        subtasks: what happens to the sub-tasks; see :func:`trash_tasks_in_batch`.

    Raises:
        NotFoundError: there is no such task.
        RevisionMismatchError: its revision does not match the precondition.
        OpenSubtasksError: it has open sub-tasks, and ``subtasks`` refuses.
    """
    async with open_batch(ctx) as batch:
        task = await get_task(batch.transaction, batch.workspace_id, reference)
        check_precondition(precondition, task)
        if task["deleted_at"] is None:
            errors = await trash_tasks_in_batch(batch, [task["id"]], {task["id"]: subtasks})
            for error in errors.values():
                raise error


async def trash_tasks_in_batch(
    batch: Batch, task_ids: Sequence[str], choices: Mapping[str, SubtaskChoice | None] = NO_CHOICES
) -> dict[str, OpenSubtasksError]:
    """Move tasks to the trash, one after another. Trashed tasks are skipped.

    Args:
        batch: the open batch.
        task_ids: ids of the tasks.
        choices: by task id, what happens to its sub-tasks. ``complete``: the open ones are
            completed, and all are trashed with the task. ``keep``: they stay outside the trash,
            below the parent of the task. None: they are trashed with the task.

    Returns:
        By task id, the errors of tasks that have open sub-tasks and refuse them. They are not
        trashed.
    """
    if not any(choices.values()):
        found = await list_descendants(batch.transaction, batch.workspace_id, task_ids)
        await trash_rows(batch, TASK, [row for row in found if row["deleted_at"] is None])
        return {}
    trashing = _Trashing(await load_forest(batch, task_ids), batch.at)
    for task_id in task_ids:
        trashing.trash(task_id, choices.get(task_id))
    rows = trashing.forest.rows
    # A sub-task may be moved up and then be trashed with its new parent.
    changed = trashing.completed | trashing.moved.keys()
    await update_tasks_in_batch(
        batch,
        [
            TaskUpdate(
                row,
                {"status": "done"} if row["id"] in trashing.completed else {},
                {"parent_id": trashing.moved[row["id"]]} if row["id"] in trashing.moved else {},
            )
            for row in rows.values()
            if row["id"] in changed
        ],
    )
    await trash_rows(batch, TASK, [rows[task_id] for task_id in trashing.trashed])
    return trashing.errors


class _Trashing:
    """Decides what happens to tasks that are trashed, and to their sub-tasks.

    Attributes:
        forest: the tasks with all their sub-tasks.
        trashed: the ids of the tasks to trash.
        completed: the ids of the sub-tasks to complete.
        moved: by id, the new parents of the sub-tasks that stay outside the trash.
        errors: by id, the errors of the tasks that are not trashed.
    """

    def __init__(self, forest: TaskForest, at: datetime) -> None:
        self.forest = forest
        self.trashed: list[str] = []
        self.completed: set[str] = set()
        self.moved: dict[str, str | None] = {}
        self.errors: dict[str, OpenSubtasksError] = {}
        self._at = at

    def trash(self, task_id: str, choice: SubtaskChoice | None) -> None:
        """Trash a task, unless it is already trashed."""
        forest = self.forest
        if not forest.is_live(task_id):
            return
        open_ids = forest.list_open_below(task_id)
        if choice == "refuse" and open_ids:
            self.errors[task_id] = forest.make_error(task_id, open_ids)
            return
        if choice == "complete":
            self.completed.update(open_ids)
        elif choice == "keep":
            parent_id = forest.get(task_id, "parent_id")
            for child_id in forest.list_children(task_id):
                forest.change(child_id, parent_id=parent_id)
                self.moved[child_id] = parent_id
        self.trashed += forest.trash_below(task_id, self._at)
