"""Creates tasks in a batch. The number of SQL statements does not depend on the number of tasks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert

from taskstead.cooperative import yield_every
from taskstead.db.statements import Row
from taskstead.errors import FieldError, NameTakenError, ValidationFailedError
from taskstead.ids import make_id
from taskstead.queries.tasks import list_references
from taskstead.schemas.tasks import TaskCreate
from taskstead.schemas.text import make_sort_key
from taskstead.services.changes import Batch, list_fields
from taskstead.services.labels import Labels, load_labels
from taskstead.services.manual_order import Placement, choose_positions, load_order
from taskstead.services.parents import load_tree
from taskstead.services.problems import Problems
from taskstead.services.search import index_rows
from taskstead.services.tags import set_tags
from taskstead.services.task_columns import (
    LOGGED,
    PLAIN_FIELDS,
    check_assignees,
    make_due_columns,
    make_status_columns,
    make_time_columns,
)
from taskstead.tables.tasks import tasks

_INSERT = insert(tasks)


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
    """

    number: int | None = None
    position: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    completed_at: datetime | None = None
    deleted_at: datetime | None = None
    deleted_batch: str | None = None


_NO_METADATA = ImportedMetadata()


async def create_tasks_in_batch(
    batch: Batch,
    bodies: Sequence[TaskCreate],
    problems: Problems,
    imported: Mapping[int, ImportedMetadata] | None = None,
) -> dict[int, Row]:
    """Create the valid tasks, and add a problem for each invalid one.

    The parent of a task may be an earlier task of the same call, if the client chose its id.

    Args:
        batch: the open batch.
        bodies: the tasks.
        problems: receives the error of each invalid task, by index. A task is invalid if its id
            is in use; if a category, tag, parent, assignee or reference task of the manual order
            does not exist; or if the tree would be too deep.
        imported: metadata of imported tasks, by index.

    Returns:
        The new tasks by index, in the form of rows of ``queries.tasks``.
    """
    imported = imported or {}
    ids = [body.id or make_id() for body in bodies]
    await _check_ids(batch, bodies, problems)
    labels = await load_labels(batch.transaction, batch.workspace_id, bodies)
    for index, body in enumerate(bodies):
        try:
            labels.check(body)
        except ValidationFailedError as error:
            problems.setdefault(index, error)
    await check_assignees(batch, dict(enumerate(bodies)), problems)
    tree = await load_tree(batch, [body.parent for body in bodies])
    order = await load_order(batch, [body.place for body in bodies])
    parents: dict[int, str | None] = {}
    for index, body in enumerate(bodies):
        if index not in problems:
            try:
                if body.place is not None:
                    order.check(ids[index], body.place)
                is_trashed = imported.get(index, _NO_METADATA).deleted_at is not None
                parents[index] = tree.place(ids[index], body.parent, is_trashed=is_trashed)
                order.add_new_task(ids[index])
            except ValidationFailedError as error:
                problems[index] = error
    valid = {index: bodies[index] for index in parents}
    await labels.create_missing(batch, valid.values())
    placements = [Placement(ids[index], body.place) for index, body in valid.items()]
    positions = await choose_positions(batch, order, placements)
    return await _write_tasks(
        batch, valid, ids, parents, imported, labels=labels, positions=positions
    )


async def _write_tasks(
    batch: Batch,
    bodies: Mapping[int, TaskCreate],
    ids: Sequence[str],
    parents: Mapping[int, str | None],
    imported: Mapping[int, ImportedMetadata],
    *,
    labels: Labels,
    positions: Mapping[str, str],
) -> dict[int, Row]:
    numbers = _choose_numbers(batch, bodies, imported)
    rows: dict[int, Row] = {}
    tag_ids = {}
    async for index, body in yield_every(bodies.items()):
        metadata = imported.get(index, _NO_METADATA)
        category, tags = labels.find_category(body), labels.list_tags(body)
        row: Row = {
            **_make_row(batch, body, numbers[index], metadata),
            "id": ids[index],
            "parent_id": parents[index],
            "category_id": category and category["id"],
            "category_name": category and category["name"],
            "tags": [tag["name"] for tag in tags],
            "tag_ids": sorted(tag["id"] for tag in tags),
            "subtask_count": 0,
            "open_subtask_count": 0,
            "position": positions.get(ids[index]) or _choose_position(batch, metadata),
        }
        fields = list_fields(row, LOGGED)
        if tags:
            tag_ids[row["id"]] = row["tag_ids"]
            fields["tag_ids"] = (None, row["tag_ids"])
        if row["updated_at"] != batch.at:
            fields["updated_at"] = (None, row["updated_at"])
        row["revision"] = batch.record_change("task", row["id"], "created", fields)
        rows[index] = row
    await batch.transaction.execute_many(_INSERT, list(rows.values()))
    await set_tags(batch, {}, tag_ids)
    await index_rows(batch.transaction, list(rows.values()))
    return rows


def _choose_numbers(
    batch: Batch, bodies: Mapping[int, TaskCreate], imported: Mapping[int, ImportedMetadata]
) -> dict[int, int]:
    """Return the number of each task, by index of the task.

    Imported numbers are reserved first, so that no new task gets one of them.
    """
    imported_numbers = {index: imported.get(index, _NO_METADATA).number for index in bodies}
    batch.reserve_number(max(filter(None, imported_numbers.values()), default=0))
    return {index: number or batch.allocate_number() for index, number in imported_numbers.items()}


def _choose_position(batch: Batch, metadata: ImportedMetadata) -> str:
    """Return the imported position, or the next one at the end of the manual order."""
    if metadata.position is None:
        return batch.allocate_position()
    batch.reserve_position(metadata.position)
    return metadata.position


def _make_row(batch: Batch, body: TaskCreate, number: int, metadata: ImportedMetadata) -> Row:
    row: Row = {
        "workspace_id": batch.workspace_id,
        "number": number,
        **{name: getattr(body, name) for name in PLAIN_FIELDS},
        "title_key": make_sort_key(body.title),
        **make_due_columns(body.due_date, body.due_time_zone),
        **make_status_columns(body, None, batch.at),
        "assignee_id": body.assignee,
        "created_by": batch.user_id,
        "created_at": metadata.created_at or batch.at,
        "updated_at": metadata.updated_at or batch.at,
        "deleted_at": metadata.deleted_at,
        "deleted_batch": metadata.deleted_batch or (batch.id if metadata.deleted_at else None),
    }
    is_completion_given = metadata.completed_at is not None and row["completed_at"] is not None
    if is_completion_given:
        row["completed_at"] = metadata.completed_at
    row |= make_time_columns(row, is_completion_given=is_completion_given)
    row["updated_at"] = max(row["updated_at"], row["created_at"])
    return row


async def _check_ids(batch: Batch, bodies: Sequence[TaskCreate], problems: Problems) -> None:
    ids = [body.id for body in bodies if body.id is not None]
    if not ids:
        return
    found = await list_references(batch.transaction, batch.workspace_id, ids=ids, numbers=[])
    used_ids = {row["id"] for row in found}
    for index, body in enumerate(bodies):
        if body.id is None:
            continue
        if body.id in used_ids:
            message = f"The id {body.id} is already in use. To replace that task, use PUT."
            field_error = FieldError("/id", message, NameTakenError.code)
            problems.setdefault(index, NameTakenError(message, errors=[field_error]))
        used_ids.add(body.id)
