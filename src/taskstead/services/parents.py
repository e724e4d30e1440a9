"""The tree of tasks: who may be whose parent."""

from collections.abc import Sequence

from taskstead.errors import FieldError, ValidationFailedError
from taskstead.queries.tasks import list_ancestors, list_descendants, list_references
from taskstead.schemas.tasks import TaskCreate, TaskFields
from taskstead.services.changes import Batch

MAX_DEPTH = 8
_TOO_DEEP = f"Tasks nest at most {MAX_DEPTH} deep."


def _refuse(message: str, code: str, index: int | None = None) -> ValidationFailedError:
    pointer = "/parent" if index is None else f"/{index}/parent"
    return ValidationFailedError(message, errors=[FieldError(pointer, message, code)])


async def resolve_parents(batch: Batch, bodies: Sequence[TaskFields]) -> list[str | None]:
    """Return the parent's id for each body; a parent may be an earlier new task of the same call.

    Raises:
        ValidationFailedError: a parent is not there, is in the trash, or lies too deep already.
    """
    references = {body.parent for body in bodies if body.parent is not None}
    if not references:
        return [None] * len(bodies)
    ids = [reference for reference in references if isinstance(reference, str)]
    numbers = [reference for reference in references if isinstance(reference, int)]
    found = await list_references(batch.transaction, batch.workspace_id, ids=ids, numbers=numbers)
    depths = dict.fromkeys((row["id"] for row in found if row["deleted_at"] is None), 0)
    known: dict[str | int, str] = {row[key]: row["id"] for row in found for key in ("id", "number")}
    for row in await list_ancestors(batch.transaction, batch.workspace_id, list(depths)):
        depths[row["start_id"]] = max(depths[row["start_id"]], row["level"])
    parents: list[str | None] = []
    for position, body in enumerate(bodies):
        index = position if len(bodies) > 1 else None
        parent_id = None if body.parent is None else known.get(body.parent)
        if body.parent is not None and parent_id is None:
            message = f"There is no task {body.parent} to be the parent."
            raise _refuse(message, "parent", index)
        if parent_id is not None and parent_id not in depths:
            message = f"Task {body.parent} is in the trash and cannot be a parent."
            raise _refuse(message, "parent_trashed", index)
        depth = 1 + (depths[parent_id] if parent_id else 0)
        if depth > MAX_DEPTH:
            raise _refuse(_TOO_DEEP, "depth", index)
        if isinstance(body, TaskCreate) and body.id is not None:
            known[body.id], depths[body.id] = body.id, depth
        parents.append(parent_id)
    return parents


async def check_move(batch: Batch, task_id: str, parent_id: str | None) -> None:
    """Check that a task, with all below it, may come to lie below a parent.

    Raises:
        ValidationFailedError: the parent is the task itself or lies below it, or the tree would
            become too deep.
    """
    if parent_id is None:
        return
    below = await list_descendants(batch.transaction, batch.workspace_id, [task_id])
    if any(row["id"] == parent_id for row in below):
        message = "A task cannot lie below itself."
        raise _refuse(message, "cycle")
    height = max(row["level"] for row in below)
    above = await list_ancestors(batch.transaction, batch.workspace_id, [parent_id])
    if len(above) + height > MAX_DEPTH:
        raise _refuse(_TOO_DEEP, "depth")
