"""The tree of tasks after an undo: no cycles, not too deep, and nothing alive below the trash."""

from collections import defaultdict
from collections.abc import Iterable

from taskstead.db.statements import Row
from taskstead.queries.task_trees import list_above, list_below
from taskstead.services.parents import MAX_DEPTH
from taskstead.services.undo_draft import Draft

_FAULTS = {
    "parent_gone": "The parent it had was deleted for good.",
    "parent_trashed": "The parent it had is in the trash.",
    "cycle": "The parent it had lies below it by now.",
    "depth": f"Below the parent it had it would lie too deep: tasks nest at most {MAX_DEPTH} deep.",
}


class _Forest:
    """The part of the tree that matters to an undo, as it is to be."""

    def __init__(self, draft: Draft, nodes: Iterable[Row]) -> None:
        self._draft = draft
        self._nodes = {node["id"]: node for node in nodes}
        self.children: defaultdict[str | None, list[str]] = defaultdict(list)
        for id_ in self._nodes:
            self.children[self.get(id_)["parent_id"]].append(id_)

    def __contains__(self, id_: str) -> bool:
        return id_ in self._nodes

    def get(self, id_: str) -> Row:
        """Return parent and trash of a task, as they are to be."""
        return self._draft.then["task"].get(id_) or self._nodes[id_]

    def find_fault(self, id_: str) -> str | None:
        """Return the code of what is wrong with the place of a task that gets another parent."""
        above: list[str] = []
        current = self.get(id_)["parent_id"]
        while current is not None:
            if current not in self:
                return "parent_gone"
            if current == id_ or current in above:
                return "cycle"
            above.append(current)
            current = self.get(current)["parent_id"]
        if self.get(id_)["deleted_at"] is None and any(
            self.get(one)["deleted_at"] is not None for one in above
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

    def revert(self, id_: str) -> None:
        """Have a task stay below the parent that it has now."""
        self.children[self.get(id_)["parent_id"]].remove(id_)
        self._draft.keep("task", id_, "parent_id")
        self.children[self.get(id_)["parent_id"]].append(id_)

    def walk_down(self) -> Iterable[str]:
        """Yield all tasks, parents before children."""
        waiting = [id_ for id_ in self._nodes if self.get(id_)["parent_id"] not in self._nodes]
        while waiting:
            id_ = waiting.pop()
            yield id_
            waiting += self.children[id_]


async def check_tree(draft: Draft) -> None:
    """See that each task of the draft finds its place, in at most four statements."""
    touched = draft.then["task"]
    moving = [id_ for id_ in touched if draft.is_changing("task", id_, "parent_id")]
    restored = [id_ for id_ in touched if draft.is_restoring("task", id_)]
    trashed = [id_ for id_ in touched if draft.is_trashing("task", id_)]
    if not moving and not restored and not trashed:
        return
    reader, workspace_id = draft.batch.transaction, draft.batch.workspace_id
    parents = {touched[id_]["parent_id"] for id_ in moving} - {None}
    above = await list_above(reader, workspace_id, ids=[*parents, *restored, *moving])
    below = await list_below(reader, workspace_id, [*moving, *trashed])
    forest = _Forest(draft, (*above, *below))
    _check_parents(draft, forest, moving)
    left = _check_trash(draft, forest)
    await draft.load_tasks(left)
    for id_ in left:
        draft.trash("task", id_)


def _check_parents(draft: Draft, forest: _Forest, moving: list[str]) -> None:
    """Leave those where they are whose former parent cannot be their parent any more."""
    waiting = moving
    while True:
        faults = {id_: fault for id_ in waiting if (fault := forest.find_fault(id_)) is not None}
        if not faults:
            return
        for id_, fault in faults.items():
            old = draft.then["task"][id_]["parent_id"]
            draft.note("task", id_, "parent_id", fault, _FAULTS[fault], present=old)
            forest.revert(id_)
        # Where these stay may be in the way of others.
        waiting = [id_ for id_ in waiting if id_ not in faults]


def _check_trash(draft: Draft, forest: _Forest) -> list[str]:
    """Leave in the trash what would come back below it; return what has to go there with others."""
    dead: set[str] = set()
    left: list[str] = []
    hanging: defaultdict[str, int] = defaultdict(int)
    root_of: dict[str, str] = {}
    for id_ in forest.walk_down():
        parent_id = forest.get(id_)["parent_id"]
        root_of[id_] = root_of.get(parent_id, parent_id or id_)
        if draft.is_trashing("task", id_):
            root_of[id_] = id_
        if forest.get(id_)["deleted_at"] is not None:
            dead.add(id_)
        elif parent_id in dead:
            dead.add(id_)
            if draft.is_restoring("task", id_):
                message = "Its parent is in the trash."
                draft.note("task", id_, "deleted_at", "parent_trashed", message, present=parent_id)
                draft.keep_in_trash("task", id_)
            else:
                left.append(id_)
                hanging[root_of[id_]] += 1
    for id_, count in hanging.items():
        message = f"Tasks below this one ({count}) would go to the trash with it."
        draft.note(
            "task", id_, "subtasks", "in_use", message, expected=0, present=count, forcible=True
        )
    return left
