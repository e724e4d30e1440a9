"""Tasks with all their sub-tasks in memory, to find the open ones while tasks change in order."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from taskstead.domain.task_fields import OPEN_STATUSES
from taskstead.errors import OpenSubtasksError
from taskstead.queries.tasks.tasks import list_tasks_by_ids
from taskstead.queries.tasks.trees import list_descendants
from taskstead.services.changelog import Batch
from taskstead.tables.tasks import LabelledTaskRow

# The number of open sub-tasks that an error names.
_MAX_NAMED = 5


class TaskForest:
    """Some tasks and all their sub-tasks. See :func:`load_forest`.

    :meth:`change` updates the forest, so later calls see the result of earlier calls. The rows
    themselves are not changed.

    Args:
        rows: the rows of the tasks, live and trashed.
    """

    def __init__(self, rows: Iterable[LabelledTaskRow]) -> None:
        self.rows = {row["id"]: row for row in rows}
        self._changes: defaultdict[str, dict[str, Any]] = defaultdict(dict)
        # Mappings are used as ordered sets.
        self._children: defaultdict[str | None, dict[str, None]] = defaultdict(dict)
        for row in self.rows.values():
            self._children[row["parent_id"]][row["id"]] = None

    def get(self, task_id: str, name: str) -> Any:
        """Return the current value of a column."""
        row: Any = self.rows[task_id]
        return self._changes[task_id].get(name, row[name])

    def change(self, task_id: str, **values: Any) -> None:
        """Set columns of a task."""
        if "parent_id" in values:
            self._children[self.get(task_id, "parent_id")].pop(task_id, None)
            self._children[values["parent_id"]][task_id] = None
        self._changes[task_id] |= values

    def is_live(self, task_id: str) -> bool:
        """Return whether a task is outside the trash."""
        return self.get(task_id, "deleted_at") is None

    def is_open(self, task_id: str) -> bool:
        """Return whether a task is outside the trash, and to do or in progress."""
        return self.is_live(task_id) and self.get(task_id, "status") in OPEN_STATUSES

    def list_children(self, task_id: str) -> list[str]:
        """Return the ids of the direct sub-tasks outside the trash."""
        return [child_id for child_id in self._children[task_id] if self.is_live(child_id)]

    def list_open_below(self, task_id: str) -> list[str]:
        """Return the ids of the open sub-tasks on all levels, parents before their children.

        The sub-tasks of an open repeating sub-task are left out. They belong to its occurrences.
        """
        return [below_id for below_id in self._walk_below(task_id) if self.is_open(below_id)]

    def _walk_below(self, task_id: str) -> Iterator[str]:
        pending = self.list_children(task_id)[::-1]
        while pending:
            current = pending.pop()
            yield current
            if self.rows[current]["repeat_rule"] is None or not self.is_open(current):
                pending += self.list_children(current)[::-1]

    def trash_below(self, task_id: str, at: Any) -> list[str]:
        """Mark a live task and all its sub-tasks as trashed; return their ids."""
        trashed = []
        pending = [task_id]
        while pending:
            current = pending.pop()
            pending += self.list_children(current)
            self.change(current, deleted_at=at)
            trashed.append(current)
        return trashed

    def make_error(self, task_id: str, open_ids: Sequence[str]) -> OpenSubtasksError:
        """Return the error of a task that has open sub-tasks and must not have any."""
        count = len(open_ids)
        named = ", ".join(str(self.rows[id_]["number"]) for id_ in open_ids[:_MAX_NAMED])
        more = ", …" if count > _MAX_NAMED else ""
        noun = "sub-task" if count == 1 else "sub-tasks"
        return OpenSubtasksError(
            f"Task {self.rows[task_id]['number']} has {count} open {noun}: {named}{more}. Complete "
            "or cancel them first, or send subtasks=complete or subtasks=keep."
        )


async def load_forest(batch: Batch, task_ids: Sequence[str]) -> TaskForest:
    """Load tasks and all their sub-tasks, live and trashed, in two SQL statements."""
    reader, workspace_id = batch.transaction, batch.workspace_id
    tree = await list_descendants(reader, workspace_id, task_ids)
    return TaskForest(await list_tasks_by_ids(reader, workspace_id, [row["id"] for row in tree]))
