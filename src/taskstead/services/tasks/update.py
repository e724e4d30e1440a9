"""Updates and completes tasks. The number of SQL statements is independent of their number."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from taskstead.concurrency.cooperative import yield_every
from taskstead.domain.names import make_name_key
from taskstead.domain.task_fields import OPEN_STATUSES
from taskstead.entities.entity import Values
from taskstead.entities.tasks import TASK
from taskstead.errors import FieldError, TasksteadError, TaskTrashedError, ValidationFailedError
from taskstead.queries.tasks.tasks import get_task
from taskstead.schemas.tasks.places import TaskPlace
from taskstead.schemas.tasks.subtasks import SubtaskChoice
from taskstead.schemas.tasks.tasks import TaskPatch
from taskstead.services.changelog import Batch, open_batch
from taskstead.services.context import WriteContext
from taskstead.services.entity_writer import update_rows
from taskstead.services.preconditions import NO_PRECONDITION, Precondition, check_precondition
from taskstead.services.tasks.columns import (
    PLAIN_FIELDS,
    check_assignees,
    make_status_columns,
    make_time_columns,
)
from taskstead.services.tasks.item_errors import raise_first_error
from taskstead.services.tasks.labels import (
    CATEGORY_FIELDS,
    TAG_FIELDS,
    Labels,
    adds_or_removes_tags,
    load_labels,
)
from taskstead.services.tasks.manual_order import (
    ManualOrder,
    Placement,
    choose_positions,
    load_order,
)
from taskstead.services.tasks.repeats.endings import (
    Ending,
    check_occurrence,
    plan_ending,
    write_endings,
)
from taskstead.services.tasks.repeats.fields import (
    check_repeat,
    make_repeat_columns,
)
from taskstead.services.tasks.subtasks.plan import ParentWrite, plan_subtasks
from taskstead.services.tasks.tree import load_tree
from taskstead.tables.occurrences import OccurrenceOutcome
from taskstead.tables.tasks import LabelledTaskRow, TaskDetailRow

Task = TypeVar("Task", bound=LabelledTaskRow)


@dataclass(slots=True)
class TaskUpdate(Generic[Task]):
    """A requested update of one task.

    Attributes:
        old: the current row of the task, from ``queries.tasks.tasks``.
        values: the new values by field; see ``TaskPatch.list_values``.
        columns: new values of columns that a request has no field for.
        occurrence: the occurrence of a repeating task that the update completes or skips. The
            update is invalid if it is not the current one. None for the current one.
        is_skip: whether the update skips the current occurrence of a repeating task.
        is_import: whether the values are those of a file. The completion of a repeating task then
            does not advance it.
        subtasks: what happens to the open sub-tasks, if the update completes or moves the task.
        error: the error of an invalid update. Such an update is not applied.
        parent_id: the id of the new parent, after the parent was validated.
    """

    old: Task
    values: Values
    columns: Mapping[str, Any] = field(default_factory=dict)
    occurrence: str | None = None
    is_skip: bool = False
    is_import: bool = False
    subtasks: SubtaskChoice | None = None
    error: TasksteadError | None = None
    parent_id: str | None = None

    @property
    def place(self) -> TaskPlace | None:
        """The requested place in the manual order; None leaves the position unchanged."""
        return self.values.get("place")


async def update_task(
    ctx: WriteContext,
    reference: str,
    body: TaskPatch,
    precondition: Precondition = NO_PRECONDITION,
    *,
    subtasks: SubtaskChoice | None = None,
) -> TaskDetailRow:
    """Change the fields of a task that were sent; return the task.

    Raises:
        NotFoundError: there is no such task.
        RevisionMismatchError: its revision does not match the precondition.
        TaskTrashedError: the task is in the trash.
        OpenSubtasksError: it is completed or moved, has open sub-tasks, and ``subtasks`` refuses.
        ValidationFailedError: a label, the parent or the assignee does not exist, the parent is a
            descendant of the task, or the tree would be too deep.
    """
    async with open_batch(ctx) as batch:
        old = await get_task(batch.transaction, batch.workspace_id, reference)
        check_precondition(precondition, old)
        update = TaskUpdate(old, body.list_values(), subtasks=subtasks)
        return await update_task_in_batch(batch, update)


async def complete_task(
    ctx: WriteContext,
    reference: str,
    occurrence: str | None = None,
    precondition: Precondition = NO_PRECONDITION,
    *,
    subtasks: SubtaskChoice | None = None,
) -> TaskDetailRow:
    """Complete a task, or the current occurrence of a repeating task; return the task.

    A task that is already done is not changed, unless an occurrence is given.

    Args:
        ctx: the context of the request.
        reference: the id or number of the task.
        occurrence: the occurrence that the client sees. Without it, repeated calls complete one
            occurrence after another.
        precondition: the precondition on the task's revision.
        subtasks: what happens to the open sub-tasks. None keeps them.

    Raises:
        NotFoundError: there is no such task.
        RevisionMismatchError: its revision does not match the precondition.
        TaskTrashedError: the task is in the trash.
        OccurrenceOverError: the occurrence is not the current one.
        OpenSubtasksError: it has open sub-tasks, and ``subtasks`` refuses.
    """
    async with open_batch(ctx) as batch:
        old = await get_task(batch.transaction, batch.workspace_id, reference)
        check_precondition(precondition, old)
        update = TaskUpdate(old, {"completed": True}, occurrence=occurrence, subtasks=subtasks)
        return await update_task_in_batch(batch, update)


async def skip_occurrence(
    ctx: WriteContext,
    reference: str,
    occurrence: str | None = None,
    precondition: Precondition = NO_PRECONDITION,
) -> TaskDetailRow:
    """Skip the current occurrence of a repeating task; return the task.

    Args:
        ctx: the context of the request.
        reference: the id or number of the task.
        occurrence: the occurrence that the client sees; see :func:`complete_task`.
        precondition: the precondition on the task's revision.

    Raises:
        NotFoundError: there is no such task.
        RevisionMismatchError: its revision does not match the precondition.
        TaskTrashedError: the task is in the trash.
        NotRepeatingError: the task does not repeat.
        OccurrenceOverError: the occurrence is not the current one, or the series is over.
    """
    async with open_batch(ctx) as batch:
        old = await get_task(batch.transaction, batch.workspace_id, reference)
        check_precondition(precondition, old)
        update = TaskUpdate(old, {}, occurrence=occurrence, is_skip=True)
        return await update_task_in_batch(batch, update)


async def update_task_in_batch(batch: Batch, update: TaskUpdate[TaskDetailRow]) -> TaskDetailRow:
    """Apply one update; return the task. Raise the error of the update if it is invalid."""
    rows = await update_tasks_in_batch(batch, [update])
    raise_first_error([update])
    (row,) = rows
    may_change_subtasks = row["repeat_rule"] is not None or update.subtasks == "complete"
    if may_change_subtasks and row["subtask_count"]:
        # The sub-tasks may have changed too, and the row has their counts.
        return await get_task(batch.transaction, batch.workspace_id, row["id"])
    return row


async def update_tasks_in_batch(batch: Batch, updates: Sequence[TaskUpdate[Task]]) -> list[Task]:
    """Apply the valid updates; return the rows of their tasks in order.

    The row of a task that does not change is its ``old`` row. In the other rows, the revisions of
    category and tags are those of the old row. They do not affect the ETag, because the new
    revision of the task is greater.

    The error of each invalid update is set. An update is invalid if the task is in the trash; if a
    category, tag, parent, assignee or reference task of the manual order does not exist; if the
    parent is a descendant of the task; if the tree would be too deep; or if it has open sub-tasks
    and ``subtasks`` refuses them.

    Args:
        batch: the open batch.
        updates: the updates, at most one per task.
    """
    labels = await load_labels(
        batch.transaction,
        batch.workspace_id,
        [update.values for update in updates],
        {
            tag_id
            for update in updates
            if adds_or_removes_tags(update.values)
            for tag_id in update.old["tag_ids"]
        },
    )
    placed = [update for update in updates if update.place is not None]
    order = await load_order(
        batch, [update.place for update in placed], [update.old["id"] for update in placed]
    )
    for update in updates:
        _check_update(update, labels, order)
    await check_assignees(batch, updates)
    await _choose_parents(batch, updates)
    of_subtasks = await _plan_subtasks(batch, updates)
    requested = [update for update in updates if update.error is None]
    valid: list[TaskUpdate[Any]] = [*requested, *of_subtasks]
    await labels.create_missing(batch, [update.values for update in valid])
    placements = [
        Placement(update.old["id"], update.place) for update in valid if update.place is not None
    ]
    current = {update.old["id"]: update.old for update in valid}
    positions = await choose_positions(batch, order, placements, current)
    pairs: list[tuple[Any, dict[str, Any]]] = []
    ended: list[Ending] = []
    async for update in yield_every(valid):
        new = _make_values(batch, update, labels, positions.get(update.old["id"]))
        outcome = _find_outcome(update, new)
        if outcome is not None:
            ended.append(plan_ending(batch, {**update.old, **new}, outcome))
            new |= ended[-1].make_columns(batch)
            # The computation may take milliseconds.
            await asyncio.sleep(0)
        pairs.append((update.old, new))
    rows = await update_rows(batch, TASK, pairs)
    await write_endings(batch, ended, {old["id"]: new.keys() for old, new in pairs})
    return rows[: len(requested)]


async def _plan_subtasks(
    batch: Batch, updates: Sequence[TaskUpdate[Task]]
) -> list[TaskUpdate[LabelledTaskRow]]:
    """Apply the choices for open sub-tasks; return the updates that complete sub-tasks.

    The error of an update that is refused is set. If a sub-task to complete has an update of its
    own, that update completes it.
    """
    if all(update.subtasks is None for update in updates):
        return []
    pending = {update.old["id"]: update for update in updates if update.error is None}
    writes = [_make_parent_write(batch, update) for update in pending.values()]
    plan = await plan_subtasks(batch, writes)
    for task_id, error in plan.errors.items():
        pending[task_id].error = error
    of_subtasks = []
    for task_id, row in plan.completed.items():
        if task_id in pending:
            own = pending[task_id]
            own.values = {**own.values, "status": "done"}
        else:
            of_subtasks.append(TaskUpdate(row, {"status": "done"}))
    return of_subtasks


def _make_parent_write(batch: Batch, update: TaskUpdate[Task]) -> ParentWrite:
    """Return the part of a valid update that its sub-tasks depend on."""
    old, values = update.old, update.values
    status: str | None = None
    if "status" in values or "completed" in values:
        status = make_status_columns(values, old, batch.at)["status"]
    is_completed = status == "done" and old["status"] != "done"
    is_moved = (
        ("parent" in values and update.parent_id != old["parent_id"])
        or _changes_category(values, old)
        or update.place is not None
    )
    return ParentWrite(
        task_id=old["id"],
        choice=update.subtasks if is_completed or is_moved else None,
        status=status,
        restarts=is_completed and old["status"] in OPEN_STATUSES and _continues(batch, update),
        moves="parent" in values,
        parent_id=update.parent_id,
    )


def _changes_category(values: Values, old: LabelledTaskRow) -> bool:
    if CATEGORY_FIELDS.isdisjoint(values):
        return False
    name = values.get("category")
    if name is None:
        return bool(values.get("category_id") != old["category_id"])
    old_name = old["category_name"]
    return old_name is None or make_name_key(name) != make_name_key(old_name)


def _continues(batch: Batch, update: TaskUpdate[Task]) -> bool:
    """Return whether a task that is completed repeats and has another occurrence."""
    values = update.values
    plain = {name: values[name] for name in PLAIN_FIELDS if name in values}
    row = {**update.old, **plain, **make_repeat_columns(values, update.old)}
    return row["repeat_rule"] is not None and plan_ending(batch, row, "done").following is not None


def _find_outcome(update: TaskUpdate[Task], new: Values) -> OccurrenceOutcome | None:
    """Return how an update ends the current occurrence of a repeating task; None if it does not."""
    if update.is_skip:
        return "skipped"
    is_repeating = new.get("repeat_rule", update.old["repeat_rule"]) is not None
    is_completed = new.get("status") == "done" and update.old["status"] in OPEN_STATUSES
    return "done" if is_repeating and is_completed and not update.is_import else None


def _check_update(update: TaskUpdate[Task], labels: Labels, order: ManualOrder) -> None:
    """Validate an update. Set its error if it is invalid."""
    old, values = update.old, update.values
    try:
        if old["deleted_at"] is not None:
            raise TaskTrashedError(
                f"Task {old['number']} is in the trash. Restore it before you change it."
            )
        if values.get("due_time_zone") and not values.get("due_date", old["due_date"]):
            message = "due_time_zone requires a due_date."
            field_error = FieldError("/due_time_zone", message, "zone_without_date")
            raise ValidationFailedError(message, errors=[field_error])
        labels.check(values, old["tag_ids"])
        check_repeat(values, old)
        check_occurrence(old, update.occurrence, is_skip=update.is_skip)
        if update.place is not None:
            order.check(old["id"], update.place)
    except TasksteadError as error:
        update.error = error


async def _choose_parents(batch: Batch, updates: Sequence[TaskUpdate[Task]]) -> None:
    """Validate the new parents, and set ``parent_id`` or ``error`` of these updates."""
    moves = [update for update in updates if "parent" in update.values and update.error is None]
    tree = await load_tree(
        batch,
        [update.values["parent"] for update in moves],
        [update.old["id"] for update in moves],
    )
    for update in moves:
        try:
            update.parent_id = tree.place(update.old["id"], update.values["parent"])
        except ValidationFailedError as error:
            update.error = error


def _make_values(
    batch: Batch, update: TaskUpdate[Task], labels: Labels, position: str | None
) -> dict[str, Any]:
    """Return the new values of the columns and tags that the update sets."""
    old, values = update.old, update.values
    new = {name: values[name] for name in PLAIN_FIELDS if name in values}
    if "due_date" in new and new["due_date"] is None:
        new["due_time_zone"] = None
    if "status" in values or "completed" in values:
        new |= make_status_columns(values, old, batch.at)
    new |= make_repeat_columns(values, old)
    if not CATEGORY_FIELDS.isdisjoint(values):
        new |= labels.make_category_values(values)
    if not TAG_FIELDS.isdisjoint(values):
        new |= labels.make_tag_values(values, old["tag_ids"])
    if "assignee" in values:
        new["assignee_id"] = values["assignee"]
    if "parent" in values:
        new["parent_id"] = update.parent_id
    if position is not None:
        new["position"] = position
    if "position" in update.columns:
        batch.reserve_position(update.columns["position"])
    new |= update.columns
    if update.columns or "completed_at" in new:
        new |= make_time_columns(
            {**old, **new}, is_completion_given="completed_at" in update.columns
        )
    return new
