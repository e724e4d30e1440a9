"""The tree of tasks: who may be whose parent."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from taskstead.db.statements import Row
from taskstead.errors import FieldError, ValidationFailedError
from taskstead.queries.task_trees import list_above, list_below
from taskstead.services.changes import Batch

MAX_DEPTH = 8


class Tree:
    """The part of the tree that matters to some tasks; it follows as they are put in their places.

    Args:
        above: the tasks that may become parents and all above them.
        below: the tasks that move and all below them.
    """

    def __init__(self, above: Iterable[Row], below: Iterable[Row]) -> None:
        self._ids: dict[str | int, str] = {}
        self._parents: dict[str, str | None] = {}
        self._children: defaultdict[str, set[str]] = defaultdict(set)
        self._trashed: set[str] = set()
        for row in (*above, *below):
            self._ids[row["number"]] = row["id"]
            self._put(row["id"], row["parent_id"])
            if row["deleted_at"] is not None:
                self._trashed.add(row["id"])

    def place(
        self, task_id: str, parent: str | int | None, *, is_trashed: bool = False
    ) -> str | None:
        """Put a task, new or moved with all below it, under a parent; return the parent's id.

        Args:
            task_id: the task.
            parent: id or number of the parent, which may be a task placed before; None for none.
            is_trashed: the task is in the trash, as only there a parent in the trash has any.

        Raises:
            ValidationFailedError: the parent is not there, is in the trash, is the task itself or
                lies below it, or the tree would become too deep. The task stays where it was.
        """
        parent_id = None if parent is None else self._ids.get(parent)
        fault = self._find_fault(task_id, parent, parent_id, is_trashed=is_trashed)
        if fault is not None:
            message, code = fault
            raise ValidationFailedError(message, errors=[FieldError("/parent", message, code)])
        self._put(task_id, parent_id)
        if is_trashed:
            self._trashed.add(task_id)
        return parent_id

    def _find_fault(
        self, task_id: str, parent: str | int | None, parent_id: str | None, *, is_trashed: bool
    ) -> tuple[str, str] | None:
        if parent is not None and parent_id is None:
            return f"There is no task {parent} to be the parent.", "parent"
        if parent_id in self._trashed and not is_trashed:
            return f"Task {parent} is in the trash and cannot be a parent.", "parent_trashed"
        above = self._list_above(parent_id)
        if task_id in above:
            return "A task cannot lie below itself.", "cycle"
        if len(above) + self._measure_height(task_id) > MAX_DEPTH:
            return f"Tasks nest at most {MAX_DEPTH} deep.", "depth"
        return None

    def _put(self, task_id: str, parent_id: str | None) -> None:
        self._ids[task_id] = task_id
        before = self._parents.get(task_id)
        if before is not None:
            self._children[before].discard(task_id)
        self._parents[task_id] = parent_id
        if parent_id is not None:
            self._children[parent_id].add(task_id)

    def _list_above(self, task_id: str | None) -> list[str]:
        found = []
        while task_id is not None:
            found.append(task_id)
            task_id = self._parents[task_id]
        return found

    def _measure_height(self, task_id: str) -> int:
        below = self._children.get(task_id, ())
        return 1 + max(map(self._measure_height, below), default=0)


async def load_tree(
    batch: Batch, parents: Iterable[str | int | None], moving: Sequence[str] = ()
) -> Tree:
    """Load what :meth:`Tree.place` needs, in at most two statements.

    Args:
        batch: the open batch.
        parents: ids and numbers of the parents to be; those of new tasks may be among them.
        moving: ids of the tasks, not new, that are to be placed.
    """
    wanted = {parent for parent in parents if parent is not None}
    if not wanted:
        return Tree((), ())
    above = await list_above(
        batch.transaction,
        batch.workspace_id,
        ids=[parent for parent in wanted if isinstance(parent, str)],
        numbers=[parent for parent in wanted if isinstance(parent, int)],
    )
    below = await list_below(batch.transaction, batch.workspace_id, moving) if moving else []
    return Tree(above, below)
