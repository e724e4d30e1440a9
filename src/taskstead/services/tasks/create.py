"""Creates tasks. The number of SQL statements does not depend on the number of tasks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from taskstead.concurrency.cooperative import yield_every
from taskstead.entities.entity import Values
from taskstead.entities.tasks import TASK
from taskstead.errors import FieldError, NameTakenError, TasksteadError, ValidationFailedError
from taskstead.ids import make_id
from taskstead.queries.tasks.tasks import list_references
from taskstead.schemas.tasks.places import TaskPlace
from taskstead.schemas.tasks.tasks import TaskCreate
from taskstead.services.changelog import Batch, open_batch
from taskstead.services.context import WriteContext
from taskstead.services.entity_writer import create_rows
from taskstead.services.tasks.columns import (
    PLAIN_FIELDS,
    check_assignees,
    make_status_columns,
    make_time_columns,
)
from taskstead.services.tasks.item_errors import raise_first_error
from taskstead.services.tasks.labels import Labels, load_labels
from taskstead.services.tasks.manual_order import (
    ManualOrder,
    Placement,
    choose_positions,
    load_order,
)
from taskstead.services.tasks.repeats.fields import check_repeat, make_repeat_columns
from taskstead.services.tasks.tree import Tree, load_tree
from taskstead.tables.tasks import CountedTaskRow


@dataclass(frozen=True, slots=True)
class ImportedMetadata:
    """Values of an imported task that a request body cannot set.

    A value is None if the file does not have it.

    Attributes:
        number: a number that is not in use.
        completed_at: the time of completion. It is used only if the status is ``done``.
        deleted_at: if set, the task is created in the trash.
        deleted_batch: the batch that trashed the task. Tasks trashed in one batch are restored
            together.
        repeat_state: the place of a repeating task in its series; see ``ImportTask``.
    """

    number: int | None = None
    position: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    completed_at: datetime | None = None
    deleted_at: datetime | None = None
    deleted_batch: str | None = None
    repeat_state: Mapping[str, Any] = field(default_factory=dict)


_NO_METADATA = ImportedMetadata()


@dataclass(slots=True)
class TaskDraft:
    """A task to create.

    Attributes:
        values: the values of all fields; see ``TaskReplace.list_values``.
        chosen_id: the id that the client chose, if any.
        metadata: values from an import.
        id: the id of the new task.
        error: the error of an invalid draft. Such a draft is not created.
        parent_id: the id of the parent, after the parent was validated.
    """

    values: Values
    chosen_id: str | None = None
    metadata: ImportedMetadata = _NO_METADATA
    id: str = field(init=False)
    error: TasksteadError | None = None
    parent_id: str | None = None

    def __post_init__(self) -> None:
        self.id = self.chosen_id or make_id()

    @classmethod
    def from_body(cls, body: TaskCreate, metadata: ImportedMetadata = _NO_METADATA) -> Self:
        """Return a draft with the values of a request body."""
        return cls(body.list_values(), body.id, metadata)

    @property
    def place(self) -> TaskPlace | None:
        """The requested place in the manual order."""
        place: TaskPlace | None = self.values["place"]
        return place


async def create_tasks(ctx: WriteContext, bodies: Sequence[TaskCreate]) -> list[CountedTaskRow]:
    """Create either all of the tasks or none; return them in order.

    The number of SQL statements does not depend on the number of tasks. The parent of a task may be
    an earlier task of the same call, if the client chose its id.

    Raises:
        NameTakenError: an id that the client chose is in use in the workspace.
        ValidationFailedError: a label, the parent, the assignee or the reference task of the place
            does not exist, or the tree would be too deep. If there are several bodies, the JSON
            pointers begin with the index of the body.
    """
    async with open_batch(ctx, new_tasks=len(bodies)) as batch:
        drafts = [TaskDraft.from_body(body) for body in bodies]
        rows = await create_tasks_in_batch(batch, drafts)
        raise_first_error(drafts, "" if len(bodies) > 1 else None)
        return rows


async def create_task(ctx: WriteContext, body: TaskCreate) -> CountedTaskRow:
    """Create one task; see :func:`create_tasks`."""
    (row,) = await create_tasks(ctx, [body])
    return row


async def create_tasks_in_batch(batch: Batch, drafts: Sequence[TaskDraft]) -> list[CountedTaskRow]:
    """Create the valid tasks; return their rows in order. Set the error of each invalid draft.

    A draft is invalid if its id is in use; if a category, tag, parent, assignee or reference task
    of the manual order does not exist; or if the tree would be too deep. The parent of a task may
    be an earlier task of the same call, if the client chose its id.
    """
    await _check_ids(batch, drafts)
    labels = await load_labels(
        batch.transaction, batch.workspace_id, [draft.values for draft in drafts]
    )
    await check_assignees(batch, drafts)
    tree = await load_tree(batch, [draft.values["parent"] for draft in drafts])
    order = await load_order(batch, [draft.place for draft in drafts])
    for draft in drafts:
        _check_draft(draft, labels, tree, order)
    valid = [draft for draft in drafts if draft.error is None]
    await labels.create_missing(batch, [draft.values for draft in valid])
    placements = [Placement(draft.id, draft.place) for draft in valid]
    positions = await choose_positions(batch, order, placements, {})
    # Imported numbers first, so that no new task gets one of them.
    batch.reserve_number(max((draft.metadata.number or 0 for draft in valid), default=0))
    rows = [
        _make_row(batch, draft, labels, positions.get(draft.id))
        async for draft in yield_every(valid)
    ]
    created = await create_rows(batch, TASK, rows)
    return [
        {
            **task,
            "category_name": row["category_name"],
            "tags": row["tags"],
            "subtask_count": 0,
            "open_subtask_count": 0,
        }
        for task, row in zip(created, rows, strict=True)
    ]


async def _check_ids(batch: Batch, drafts: Sequence[TaskDraft]) -> None:
    ids = [draft.chosen_id for draft in drafts if draft.chosen_id is not None]
    if not ids:
        return
    found = await list_references(batch.transaction, batch.workspace_id, ids=ids, numbers=[])
    used_ids = {row["id"] for row in found}
    for draft in drafts:
        if draft.chosen_id is None:
            continue
        if draft.chosen_id in used_ids:
            message = f"The id {draft.chosen_id} is already in use. To replace that task, use PUT."
            field_error = FieldError("/id", message, NameTakenError.code)
            draft.error = NameTakenError(message, errors=[field_error])
        used_ids.add(draft.chosen_id)


def _check_draft(draft: TaskDraft, labels: Labels, tree: Tree, order: ManualOrder) -> None:
    """Validate a draft, and place it in the tree. Set its error if it is invalid."""
    if draft.error is not None:
        return
    try:
        labels.check(draft.values)
        check_repeat(draft.values, None)
        if draft.place is not None:
            order.check(draft.id, draft.place)
        is_trashed = draft.metadata.deleted_at is not None
        draft.parent_id = tree.place(draft.id, draft.values["parent"], is_trashed=is_trashed)
        order.add_new_task(draft.id)
    except ValidationFailedError as error:
        draft.error = error


def _make_row(
    batch: Batch, draft: TaskDraft, labels: Labels, position: str | None
) -> dict[str, Any]:
    values, metadata = draft.values, draft.metadata
    row: dict[str, Any] = {
        "id": draft.id,
        "number": metadata.number or batch.allocate_number(),
        **{name: values[name] for name in PLAIN_FIELDS},
        **make_status_columns(values, None, batch.at),
        **make_repeat_columns(values, None),
        **metadata.repeat_state,
        **labels.make_category_values(values),
        **labels.make_tag_values(values),
        "parent_id": draft.parent_id,
        "assignee_id": values["assignee"],
        "position": position or _choose_last_position(batch, metadata),
        "created_by": batch.user_id,
        "created_at": metadata.created_at or batch.at,
        "updated_at": metadata.updated_at or batch.at,
        # A time in the future would keep the task out of "empty trash".
        "deleted_at": metadata.deleted_at and min(metadata.deleted_at, batch.at),
        "deleted_batch": metadata.deleted_batch or (batch.id if metadata.deleted_at else None),
    }
    is_completion_given = metadata.completed_at is not None and row["completed_at"] is not None
    if is_completion_given:
        row["completed_at"] = metadata.completed_at
    row |= make_time_columns(row, is_completion_given=is_completion_given)
    row["updated_at"] = max(row["updated_at"], row["created_at"])
    return row


def _choose_last_position(batch: Batch, metadata: ImportedMetadata) -> str:
    """Return the imported position, or the next one at the end of the manual order."""
    if metadata.position is None:
        return batch.allocate_position()
    batch.reserve_position(metadata.position)
    return metadata.position
