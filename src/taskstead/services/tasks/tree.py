"""The task tree: validates that a parent exists, and the rules against cycles and deep nesting."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from taskstead.errors import FieldError, ValidationFailedError
from taskstead.queries.tasks.trees import TreeTaskRow, list_ancestors, list_descendants
from taskstead.services.changelog import Batch

MAX_DEPTH = 8


class Tree:
    """The part of the task tree that is needed to validate new parents. See :func:`load_tree`.

    :meth:`place` updates the tree, so later calls see the result of earlier calls.

    Args:
        above: rows of the new parents and their ancestors.
        below: rows of the existing tasks to place and their descendants.
    """

    def __init__(self, above: Iterable[TreeTaskRow], below: Iterable[TreeTaskRow]) -> None:
        self._ids: dict[str | int, str] = {}
        self._parents: dict[str, str | None] = {}
        self._children: defaultdict[str, set[str]] = defaultdict(set)
        self._trashed: set[str] = set()
        for row in (*above, *below):
            self._ids[row["number"]] = row["id"]
            self._set_parent(row["id"], row["parent_id"])
            if row["deleted_at"] is not None:
                self._trashed.add(row["id"])

    def place(
        self, task_id: str, parent: str | int | None, *, is_trashed: bool = False
    ) -> str | None:
        """Place a new task, or an existing one with its sub-tasks, under a parent.

        Args:
            task_id: the task's id.
            parent: id or number of the parent; None to have no parent. The parent may be a task
                that an earlier call placed.
            is_trashed: whether the task is in the trash. If it is, the parent may be there too.

        Returns:
            The id of the parent.

        Raises:
            ValidationFailedError: the parent does not exist, is in the trash, or is the task itself
                or one of its descendants; or the tree would be too deep. The tree is unchanged.
        """
        parent_id = None if parent is None else self._ids.get(parent)
        error = self._find_error(task_id, parent, parent_id, is_trashed=is_trashed)
        if error is not None:
            message, code = error
            raise ValidationFailedError(message, errors=[FieldError("/parent", message, code)])
        self._set_parent(task_id, parent_id)
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
        above = self._list_path(parent_id)
        if task_id in above:
            return "A task cannot be its own ancestor.", "cycle"
        if len(above) + self._measure_height(task_id) > MAX_DEPTH:
            return f"Tasks can be nested at most {MAX_DEPTH} levels deep.", "depth"
        return None

    def _set_parent(self, task_id: str, parent_id: str | None) -> None:
        self._ids[task_id] = task_id
        old_parent_id = self._parents.get(task_id)
        if old_parent_id is not None:
            self._children[old_parent_id].discard(task_id)
        self._parents[task_id] = parent_id
        if parent_id is not None:
            self._children[parent_id].add(task_id)

    def _list_path(self, task_id: str | None) -> list[str]:
        """Return the id of a task and the ids of its ancestors."""
        found = []
        while task_id is not None:
            found.append(task_id)
            task_id = self._parents[task_id]
        return found

    def _measure_height(self, task_id: str) -> int:
        """Return the number of levels of a task and its descendants."""
        below = self._children.get(task_id, ())
        return 1 + max(map(self._measure_height, below), default=0)


async def load_tree(
    batch: Batch, parents: Iterable[str | int | None], moved_ids: Sequence[str] = ()
) -> Tree:
    """Load the part of the tree that :meth:`Tree.place` needs, in at most two SQL statements.

    Args:
        batch: the open batch.
        parents: ids and numbers of the new parents. A parent may be a task to create.
        moved_ids: ids of the existing tasks to place.
    """
    references = {parent for parent in parents if parent is not None}
    if not references:
        return Tree((), ())
    above = await list_ancestors(
        batch.transaction,
        batch.workspace_id,
        ids=[parent for parent in references if isinstance(parent, str)],
        numbers=[parent for parent in references if isinstance(parent, int)],
    )
    below: list[TreeTaskRow] = []
    if moved_ids:
        below = await list_descendants(batch.transaction, batch.workspace_id, moved_ids)
    return Tree(above, below)
