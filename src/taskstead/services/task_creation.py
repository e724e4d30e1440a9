"""Creating tasks within a batch, however many, with a handful of statements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert

from taskstead.db.statements import Row
from taskstead.errors import FieldError, NameTakenError, ValidationFailedError
from taskstead.ids import make_id
from taskstead.queries.tasks import list_references
from taskstead.schemas.ordering import make_order_key
from taskstead.schemas.tasks import TaskCreate
from taskstead.schemas.text import make_name_key
from taskstead.services.changes import Batch, list_fields, take_numbers
from taskstead.services.names import ensure_names
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
)
from taskstead.tables.tasks import tasks

_INSERT = insert(tasks)


@dataclass(frozen=True, slots=True)
class Past:
    """What a task brings along that has been a task elsewhere; None for what it does not.

    Attributes:
        completed_at: only for a body with status done.
    """

    created_at: datetime | None = None
    completed_at: datetime | None = None
    position: str | None = None


_NO_PAST = Past()


async def create_in_batch(
    batch: Batch,
    bodies: Sequence[TaskCreate],
    problems: Problems,
    pasts: Mapping[int, Past] | None = None,
) -> dict[int, Row]:
    """Create those tasks that can be, and note a problem for each other one.

    A body may name an earlier one as its parent, by an id that the client chose.

    Args:
        batch: the batch that this belongs to.
        bodies: the tasks.
        problems: takes, by position, an id that is in use, a parent or an assignee that is not
            there, too deep a tree.
        pasts: by position, what tasks from elsewhere bring along.

    Returns:
        The new tasks by position, as ``queries.tasks`` would.
    """
    ids = [body.id or make_id() for body in bodies]
    await _check_ids(batch, bodies, problems)
    await check_assignees(batch, dict(enumerate(bodies)), problems)
    tree = await load_tree(batch, [body.parent for body in bodies])
    parents: dict[int, str | None] = {}
    for index, body in enumerate(bodies):
        if index not in problems:
            try:
                parents[index] = tree.place(ids[index], body.parent)
            except ValidationFailedError as error:
                problems[index] = error
    good = {index: bodies[index] for index in parents}
    return await _write_tasks(batch, good, ids, parents, pasts or {})


async def _write_tasks(
    batch: Batch,
    bodies: Mapping[int, TaskCreate],
    ids: Sequence[str],
    parents: Mapping[int, str | None],
    pasts: Mapping[int, Past],
) -> dict[int, Row]:
    good = bodies.values()
    categories, tags = await ensure_names(
        batch,
        categories=[body.category for body in good if body.category],
        tags=[name for body in good for name in body.tags],
    )
    first_number = await take_numbers(batch, len(bodies))
    rows: dict[int, Row] = {}
    tag_ids = {}
    for number, (index, body) in enumerate(bodies.items(), start=first_number):
        row: Row = {
            **_make_row(batch, body, number, pasts.get(index, _NO_PAST)),
            "id": ids[index],
            "parent_id": parents[index],
            "category_id": None,
            "category_name": None,
            "tags": [],
        }
        if body.category:
            category = categories[make_name_key(body.category)]
            row |= {"category_id": category["id"], "category_name": category["name"]}
        fields = list_fields(row, LOGGED)
        if body.tags:
            own = {key: tags[key] for key in sorted({make_name_key(name) for name in body.tags})}
            row["tags"] = [tag["name"] for tag in own.values()]
            tag_ids[row["id"]] = sorted(tag["id"] for tag in own.values())
            fields["tag_ids"] = (None, tag_ids[row["id"]])
        row["revision"] = batch.record_change("task", row["id"], "created", fields)
        rows[index] = row
    await batch.transaction.execute_many(_INSERT, list(rows.values()))
    await set_tags(batch, {}, tag_ids)
    await index_rows(batch, list(rows.values()))
    return rows


def _make_row(batch: Batch, body: TaskCreate, number: int, past: Past) -> Row:
    row: Row = {
        "workspace_id": batch.workspace_id,
        "number": number,
        **{name: getattr(body, name) for name in PLAIN_FIELDS},
        "title_key": make_name_key(body.title),
        **make_due_columns(body.due_date),
        **make_status_columns(body, None, batch.at),
        "assignee_id": body.assignee,
        "position": past.position or make_order_key(number),
        "created_by": batch.user_id,
        "created_at": past.created_at or batch.at,
        "updated_at": batch.at,
        "deleted_at": None,
        "deleted_batch": None,
    }
    if past.completed_at is not None and row["completed_at"] is not None:
        row["completed_at"] = past.completed_at
    return row


async def _check_ids(batch: Batch, bodies: Sequence[TaskCreate], problems: Problems) -> None:
    ids = [body.id for body in bodies if body.id is not None]
    if not ids:
        return
    found = await list_references(batch.transaction, batch.workspace_id, ids=ids, numbers=[])
    taken = {row["id"] for row in found}
    for index, body in enumerate(bodies):
        if body.id is None:
            continue
        if body.id in taken:
            message = f"The id {body.id} is in use already; PUT to it replaces the task."
            wrong = FieldError("/id", message, NameTakenError.code)
            problems.setdefault(index, NameTakenError(message, errors=[wrong]))
        taken.add(body.id)
