"""Validates the task tree of an undo.

It must have no cycles, must not be too deep, and must have no live tasks below trashed ones.
"""

from collections import defaultdict
from collections.abc import Iterable

from taskstead.queries.tasks.trees import TreeTaskRow, list_ancestors, list_descendants
from taskstead.services.history.revert_plan import Draft, Row
from taskstead.services.tasks.tree import MAX_DEPTH

_MESSAGES = {
    "parent_gone": "Its former parent was permanently deleted.",
    "parent_trashed": "Its former parent is in the trash.",
    "cycle": "Its former parent is now one of its sub-tasks.",
    "depth": f"Below its former parent it would be nested more than {MAX_DEPTH} levels deep.",
}


class _PlannedTree:
    """The part of the task tree that an undo affects, with the planned parents."""

    def __init__(self, draft: Draft, nodes: Iterable[TreeTaskRow]) -> None:
        self._draft = draft
        self._nodes = {node["id"]: node for node in nodes}
        self.children: defaultdict[str | None, list[str]] = defaultdict(list)
        for id_ in self._nodes:
            self.children[self.get_task(id_)["parent_id"]].append(id_)

    def __contains__(self, id_: str) -> bool:
        return id_ in self._nodes

    def get_task(self, id_: str) -> Row:
        """Return the planned row of a task, or the current one if the undo does not change it."""
        return self._draft.planned["task"].get(id_) or {**self._nodes[id_]}

    def find_conflict(self, id_: str) -> str | None:
        """Return the conflict code of a task's planned parent, or None if it is valid."""
        above: list[str] = []
        current = self.get_task(id_)["parent_id"]
        while current is not None:
            if current not in self:
                return "parent_gone"
            if current == id_ or current in above:
                return "cycle"
            above.append(current)
            current = self.get_task(current)["parent_id"]
        if self.get_task(id_)["deleted_at"] is None and any(
            self.get_task(one)["deleted_at"] is not None for one in above
        ):
            return "parent_trashed"
        return "depth" if len(above) + self._measure_height(id_) > MAX_DEPTH else None

    def _measure_height(self, id_: str) -> int:
        level, height = [id_], 0
        while level:
            height += 1
            level = [child for one in level for child in self.children[one]]
            if height > MAX_DEPTH:
                break
        return height

    def keep_parent(self, id_: str) -> None:
        """Plan to leave the current parent of a task unchanged."""
        self.children[self.get_task(id_)["parent_id"]].remove(id_)
        self._draft.keep("task", id_, "parent_id")
        self.children[self.get_task(id_)["parent_id"]].append(id_)

    def walk_down(self) -> Iterable[str]:
        """Yield the ids of all tasks, parents before children."""
        pending = [id_ for id_ in self._nodes if self.get_task(id_)["parent_id"] not in self._nodes]
        while pending:
            id_ = pending.pop()
            yield id_
            pending += self.children[id_]


async def check_tree(draft: Draft) -> None:
    """Check the parents of the draft's tasks, and which of these tasks are in the trash.

    It needs at most four SQL statements.
    """
    planned = draft.planned["task"]
    moved = [id_ for id_ in planned if draft.is_changing("task", id_, "parent_id")]
    restored = [id_ for id_ in planned if draft.is_restoring("task", id_)]
    trashed = [id_ for id_ in planned if draft.is_trashing("task", id_)]
    if not moved and not restored and not trashed:
        return
    reader, workspace_id = draft.batch.transaction, draft.batch.workspace_id
    parents = {planned[id_]["parent_id"] for id_ in moved} - {None}
    above = await list_ancestors(reader, workspace_id, ids=[*parents, *restored, *moved])
    below = await list_descendants(reader, workspace_id, [*moved, *trashed])
    tree = _PlannedTree(draft, (*above, *below))
    _check_parents(draft, tree, moved)
    to_trash = _check_trash(draft, tree)
    await draft.load_rows("task", to_trash)
    for id_ in to_trash:
        draft.trash("task", id_)


def _check_parents(draft: Draft, tree: _PlannedTree, moved: list[str]) -> None:
    """Leave the current parent of a task unchanged if the former parent is no longer valid."""
    pending = moved
    while True:
        conflicts = {id_: code for id_ in pending if (code := tree.find_conflict(id_)) is not None}
        if not conflicts:
            return
        for id_, code in conflicts.items():
            old = draft.planned["task"][id_]["parent_id"]
            draft.add_conflict("task", id_, "parent_id", code, _MESSAGES[code], current=old)
            tree.keep_parent(id_)
        # The current parents of these tasks may make the parents of other tasks invalid.
        pending = [id_ for id_ in pending if id_ not in conflicts]


def _check_trash(draft: Draft, tree: _PlannedTree) -> list[str]:
    """Check that no live task is below a trashed one.

    A task that would be restored below a trashed task stays in the trash. Returns the ids of the
    live tasks that must be trashed because the undo trashes one of their ancestors.
    """
    trashed: set[str] = set()
    to_trash: list[str] = []
    counts: defaultdict[str, int] = defaultdict(int)
    root_of: dict[str, str] = {}
    for id_ in tree.walk_down():
        parent_id = tree.get_task(id_)["parent_id"]
        root_of[id_] = root_of.get(parent_id, parent_id or id_)
        if draft.is_trashing("task", id_):
            root_of[id_] = id_
        if tree.get_task(id_)["deleted_at"] is not None:
            trashed.add(id_)
        elif parent_id in trashed:
            trashed.add(id_)
            if draft.is_restoring("task", id_):
                message = "Its parent is in the trash."
                draft.add_conflict(
                    "task", id_, "deleted_at", "parent_trashed", message, current=parent_id
                )
                draft.keep_in_trash("task", id_)
            else:
                to_trash.append(id_)
                counts[root_of[id_]] += 1
    for id_, count in counts.items():
        message = f"Its sub-tasks ({count}) would be moved to the trash with it."
        draft.add_conflict(
            "task", id_, "subtasks", "in_use", message, expected=0, current=count, forcible=True
        )
    return to_trash
