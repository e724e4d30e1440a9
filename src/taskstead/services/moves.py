"""Moving tasks in the manual order: one task written for each move.

The workspace's row is held while the neighbours are looked up, so two moves into the same gap come
one after the other, and the second finds the first there.
"""

from sqlalchemy import bindparam, update

from taskstead.db.database import Database
from taskstead.db.statements import Row
from taskstead.errors import FieldError, TaskTrashedError, ValidationFailedError
from taskstead.queries.callers import Caller
from taskstead.queries.moves import find_end_position, find_neighbour_position, list_places
from taskstead.queries.tasks import find_task, get_task
from taskstead.schemas.moves import TaskMove
from taskstead.schemas.ordering import MAX_KEY_LENGTH, make_key_between, make_order_key
from taskstead.services.changes import Batch, open_batch
from taskstead.tables.tasks import tasks

_SET_POSITION = (
    update(tasks)
    .where(tasks.c.workspace_id == bindparam("workspace"), tasks.c.id == bindparam("task"))
    .values({name: bindparam(name) for name in ("position", "revision", "updated_at")})
)

Gap = tuple[str | None, str | None]


async def move_task(database: Database, caller: Caller, reference: str, body: TaskMove) -> Row:
    """Put a task elsewhere in the manual order; return it. One that is there already stays as is.

    Raises:
        NotFoundError: there is no such task.
        TaskTrashedError: it is in the trash.
        ValidationFailedError: the task beside which it is to stand is not there, is in the trash,
            or is the same.
    """
    async with open_batch(database, caller) as batch:
        task = await get_task(batch.transaction, batch.workspace_id, reference)
        if task["deleted_at"] is not None:
            message = f"Task {task['number']} is in the trash; restore it before you move it."
            raise TaskTrashedError(message)
        low, high = await _find_gap(batch, task, body)
        if (low is None or low < task["position"]) and (high is None or task["position"] < high):
            return task
        key = _find_key(low, high)
        if key is None:
            await _spread_out(batch, task)
            key = make_key_between(*await _find_gap(batch, task, body))
        await _set_positions(batch, [(task, key)])
        return await get_task(batch.transaction, batch.workspace_id, task["id"])


async def _find_gap(batch: Batch, task: Row, body: TaskMove) -> Gap:
    """Return the positions between which the task is to go."""
    reader, workspace_id, moved_id = batch.transaction, batch.workspace_id, task["id"]
    if "to" in body.model_fields_set:
        is_last = body.to == "end"
        end = await find_end_position(reader, workspace_id, moved_id=moved_id, is_last=is_last)
        return (end, _get_upper_limit(batch, end)) if is_last else (None, end)
    is_after = "after" in body.model_fields_set
    other = await _get_other(batch, task, body, "after" if is_after else "before")
    neighbour = await find_neighbour_position(
        reader, workspace_id, other, moved_id=moved_id, is_next=is_after
    )
    if not is_after:
        return neighbour, other["position"]
    return other["position"], neighbour or _get_upper_limit(batch, other["position"])


def _get_upper_limit(batch: Batch, end: str | None) -> str | None:
    """Return the position that the next new task will take: what is moved to the end stays below.

    Otherwise the two would take the same one.
    """
    limit = batch.get_next_position()
    return limit if end is None or end < limit else None


async def _get_other(batch: Batch, task: Row, body: TaskMove, field: str) -> Row:
    reference = getattr(body, field)
    other = await find_task(batch.transaction, batch.workspace_id, str(reference))
    if other is None:
        message, code = f"There is no task {reference} in this workspace.", "task"
    elif other["deleted_at"] is not None:
        message, code = f"Task {other['number']} is in the trash.", "task_trashed"
    elif other["id"] == task["id"]:
        message, code = "A task cannot be moved beside itself.", "same_task"
    else:
        return other
    raise ValidationFailedError(message, errors=[FieldError(f"/{field}", message, code)])


def _find_key(low: str | None, high: str | None) -> str | None:
    """Return a key for the gap; None when there is no room, or none that is worth having."""
    if low is not None and low == high:
        return None
    key = make_key_between(low, high)
    return key if len(key) <= MAX_KEY_LENGTH else None


async def _spread_out(batch: Batch, moved: Row) -> None:
    """Give all tasks but the moved one short keys with room between, in the order they have."""
    places = await list_places(batch.transaction, batch.workspace_id, moved_id=moved["id"])
    keys = [make_order_key(number) for number in range(1, len(places) + 1)]
    if keys:
        batch.reserve_position(keys[-1])
    await _set_positions(
        batch,
        [(row, key) for row, key in zip(places, keys, strict=True) if row["position"] != key],
    )


async def _set_positions(batch: Batch, wanted: list[tuple[Row, str]]) -> None:
    rows: list[Row] = [
        {
            "workspace": batch.workspace_id,
            "task": task["id"],
            "position": key,
            "updated_at": batch.at,
            "revision": batch.record_change(
                "task", task["id"], "updated", {"position": (task["position"], key)}
            ),
        }
        for task, key in wanted
    ]
    await batch.transaction.execute_many(_SET_POSITION, rows)
