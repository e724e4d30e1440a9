"""The task tree: validates parents (they exist, no cycle, maximum depth)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from taskstead.db.statements import Row
from taskstead.errors import FieldError, ValidationFailedError
from taskstead.queries.task_trees import list_ancestors, list_descendants
from taskstead.services.changes import Batch

MAX_DEPTH = 8


class Tree:
    """The part of the task tree that is needed to validate new parents. See :func:`load_tree`.

    :meth:`place` updates it, so later placements see earlier ones.

    Args:
        above: rows of the tasks that may become parents, and their ancestors.
        below: rows of the tasks that are moved, and their descendants.
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
        """Place a new task, or an existing one with its sub-tasks, under a parent.

        Args:
            task_id: the task's id.
            parent: id or number of the parent, which may be a task placed before; None for none.
            is_trashed: whether the task is in the trash. Only then may the parent be there too.

        Returns:
            The id of the parent.

        Raises:
            ValidationFailedError: the parent does not exist, is in the trash, is the task itself
                or one of its descendants, or the tree would be too deep. Nothing is changed.
        """
        parent_id = None if parent is None else self._ids.get(parent)
        error = self._find_error(task_id, parent, parent_id, is_trashed=is_trashed)
        if error is not None:
            message, code = error
            raise ValidationFailedError(message, errors=[FieldError("/parent", message, code)])
        self._put(task_id, parent_id)
        if is_trashed:
            self._trashed.add(task_id)
        return parent_id

    def _find_error(
        self, task_id: str, parent: str | int | None, parent_id: str | None, *, is_trashed: bool
    ) -> tuple[str, str] | None:
        if parent is not None and parent_id is None:
            return f"The parent, task {parent}, does not exist.", "parent"
        if parent_id in self._trashed and not is_trashed:
            return f"Task {parent} is in the trash and cannot be a parent.", "parent_trashed"
        above = self._list_ancestors(parent_id)
        if task_id in above:
            return "A task cannot be its own ancestor.", "cycle"
        if len(above) + self._measure_height(task_id) > MAX_DEPTH:
            return f"Tasks can be nested at most {MAX_DEPTH} levels deep.", "depth"
        return None

    def _put(self, task_id: str, parent_id: str | None) -> None:
        self._ids[task_id] = task_id
        before = self._parents.get(task_id)
        if before is not None:
            self._children[before].discard(task_id)
        self._parents[task_id] = parent_id
        if parent_id is not None:
            self._children[parent_id].add(task_id)

    def _list_ancestors(self, task_id: str | None) -> list[str]:
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
    """Load the part of the tree that :meth:`Tree.place` needs, with at most two statements.

    Args:
        batch: the open batch.
        parents: ids and numbers of the new parents; ids of tasks not created yet are allowed.
        moving: ids of the existing tasks to place.
    """
    wanted = {parent for parent in parents if parent is not None}
    if not wanted:
        return Tree((), ())
    above = await list_ancestors(
        batch.transaction,
        batch.workspace_id,
        ids=[parent for parent in wanted if isinstance(parent, str)],
        numbers=[parent for parent in wanted if isinstance(parent, int)],
    )
    below = await list_descendants(batch.transaction, batch.workspace_id, moving) if moving else []
    return Tree(above, below)
