"""Creating, changing and replacing tasks."""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import lru_cache

from sqlalchemy import Update, bindparam, insert, update

from taskstead.db.database import Database
from taskstead.db.statements import Row
from taskstead.errors import FieldError, NameTakenError, TaskTrashedError, ValidationFailedError
from taskstead.ids import make_id
from taskstead.queries.callers import Caller
from taskstead.queries.tags import list_tag_ids_of_tasks
from taskstead.queries.tasks import find_task, get_task, list_references, list_tasks_by_ids
from taskstead.queries.workspaces import list_member_ids
from taskstead.schemas.due import parse_due_date
from taskstead.schemas.ordering import make_order_key
from taskstead.schemas.tasks import TaskCreate, TaskFields, TaskPatch, TaskReplace
from taskstead.schemas.text import make_name_key
from taskstead.services.categories import ensure_categories
from taskstead.services.changes import Batch, compare_rows, list_fields, open_batch, take_numbers
from taskstead.services.parents import check_move, resolve_parents
from taskstead.services.search import SEARCHED, index_rows, index_tasks
from taskstead.services.tags import ensure_tags, set_tags
from taskstead.tables.tasks import tasks

# What the log keeps of a task, besides `tag_ids`; the rest follows from the change itself.
LOGGED = (
    "number",
    "title",
    "description",
    "status",
    "priority",
    "due_date",
    "due_time_zone",
    "category_id",
    "parent_id",
    "assignee_id",
    "position",
    "created_by",
    "created_at",
    "completed_at",
    "deleted_at",
    "deleted_batch",
)

_INSERT = insert(tasks)
_PLAIN_FIELDS = ("title", "description", "priority", "due_date", "due_time_zone")


@lru_cache(maxsize=512)
def _build_update(names: frozenset[str]) -> Update:
    """Build the statement that writes these columns of one task; one for each combination."""
    return (
        update(tasks)
        .where(tasks.c.workspace_id == bindparam("workspace"), tasks.c.id == bindparam("task"))
        .values({name: bindparam(name) for name in sorted(names)})
    )


async def create_tasks(
    database: Database, caller: Caller, bodies: Sequence[TaskCreate]
) -> list[Row]:
    """Create tasks, all or none, with a handful of statements however many; return them in order.

    A body may name an earlier one of the same call as its parent, by an id the client chose.

    Raises:
        NameTakenError: an id that a client chose is in use in the workspace.
        ValidationFailedError: a parent or an assignee that is not there, or too deep a tree. The
            pointers are those of a single body for one, and begin with its index for several.
    """
    async with open_batch(database, caller, numbers=len(bodies)) as batch:
        ids = await create_in_batch(batch, bodies)
        return await list_tasks_by_ids(batch.transaction, batch.workspace_id, ids)


async def create_task(database: Database, caller: Caller, body: TaskCreate) -> Row:
    """Create one task; see :func:`create_tasks`."""
    (row,) = await create_tasks(database, caller, [body])
    return row


async def create_in_batch(batch: Batch, bodies: Sequence[TaskCreate]) -> list[str]:
    """Create tasks within a batch that has taken as many numbers; return their ids."""
    await _check_ids_are_free(batch, [body.id for body in bodies if body.id is not None])
    categories = await ensure_categories(batch, (b.category for b in bodies if b.category))
    tags = await ensure_tags(batch, (name for body in bodies for name in body.tags))
    await _check_assignees(batch, bodies)
    parents = await resolve_parents(batch, bodies)
    rows = []
    tag_ids = {}
    for offset, (body, parent_id) in enumerate(zip(bodies, parents, strict=True)):
        number = batch.first_number + offset
        row: Row = {
            "workspace_id": batch.workspace_id,
            "id": body.id or make_id(),
            "number": number,
            **{name: getattr(body, name) for name in _PLAIN_FIELDS},
            "title_key": make_name_key(body.title),
            **_make_due_columns(body.due_date),
            **_make_status_columns(body, None, batch.at),
            "category_id": body.category and categories[make_name_key(body.category)],
            "parent_id": parent_id,
            "assignee_id": body.assignee,
            "position": make_order_key(number),
            "created_by": batch.user_id,
            "created_at": batch.at,
            "updated_at": batch.at,
            "deleted_at": None,
            "deleted_batch": None,
        }
        fields = list_fields(row, LOGGED)
        if body.tags:
            tag_ids[row["id"]] = sorted({tags[make_name_key(name)] for name in body.tags})
            fields["tag_ids"] = (None, tag_ids[row["id"]])
        row["revision"] = batch.record_change("task", row["id"], "created", fields)
        rows.append(row)
    await batch.transaction.execute_many(_INSERT, rows)
    await set_tags(batch, {}, tag_ids)
    await index_rows(
        batch, [{**row, "tags": body.tags} for row, body in zip(rows, bodies, strict=True)]
    )
    return [row["id"] for row in rows]


async def update_task(database: Database, caller: Caller, reference: str, body: TaskPatch) -> Row:
    """Change what the body names and nothing else; return the task.

    Raises:
        NotFoundError: there is no such task.
        TaskTrashedError: it is in the trash.
        ValidationFailedError: a parent or an assignee that is not there, a parent below the task,
            too deep a tree.
    """
    async with open_batch(database, caller) as batch:
        old = await get_task(batch.transaction, batch.workspace_id, reference)
        return await _change_task(batch, old, body, body.model_fields_set)


async def put_task(
    database: Database, caller: Caller, task_id: str, body: TaskReplace
) -> tuple[Row, bool]:
    """Create a task with this id, or replace all fields of the one that has it.

    Returns:
        The task, and whether it was created.

    Raises:
        TaskTrashedError: the one that has the id is in the trash.
        ValidationFailedError: as for :func:`update_task`.
    """
    async with open_batch(database, caller) as batch:
        old = await find_task(batch.transaction, batch.workspace_id, task_id)
        if old is not None:
            return await _change_task(batch, old, body, TaskReplace.model_fields), False
        draft = TaskCreate.model_construct(**dict(body), id=task_id)
        draft.__pydantic_fields_set__.update(body.model_fields_set)
        await take_numbers(batch, 1)
        await create_in_batch(batch, [draft])
        return await get_task(batch.transaction, batch.workspace_id, task_id), True


async def _change_task(
    batch: Batch, old: Row, body: TaskPatch | TaskReplace, named: Collection[str]
) -> Row:
    if old["deleted_at"] is not None:
        message = f"Task {old['number']} is in the trash; restore it before you change it."
        raise TaskTrashedError(message)
    new = {**old, **await _make_new_columns(batch, old, body, frozenset(named))}
    fields = compare_rows(old, new, LOGGED)
    if "tags" in named:
        tags = await ensure_tags(batch, body.tags)
        present = await list_tag_ids_of_tasks(batch.transaction, batch.workspace_id, [old["id"]])
        changed = await set_tags(batch, present, {old["id"]: set(tags.values())})
        if changed:
            fields["tag_ids"] = changed[old["id"]]
    if not fields:
        return old
    names = (fields.keys() & set(tasks.c.keys())) | {"revision", "updated_at"}
    if "due_date" in fields:
        names |= {"due_kind", "due_at"}
    if "title" in fields:
        names.add("title_key")
        new["title_key"] = make_name_key(new["title"])
    new["revision"] = batch.record_change("task", old["id"], "updated", fields)
    new["updated_at"] = batch.at
    await batch.transaction.execute(
        _build_update(frozenset(names)),
        {"workspace": batch.workspace_id, "task": old["id"], **{name: new[name] for name in names}},
    )
    if fields.keys() & SEARCHED:
        await index_tasks(batch, [old["id"]])
    return await get_task(batch.transaction, batch.workspace_id, old["id"])


async def _make_new_columns(
    batch: Batch, old: Row, body: TaskPatch | TaskReplace, named: frozenset[str]
) -> Row:
    new = {name: getattr(body, name) for name in _PLAIN_FIELDS if name in named}
    if "due_date" in named:
        new |= _make_due_columns(body.due_date)
        if body.due_date is None:
            new["due_time_zone"] = None
    elif body.due_time_zone is not None and old["due_date"] is None:
        message = "due_time_zone needs a due_date beside it."
        raise ValidationFailedError(
            message, errors=[FieldError("/due_time_zone", message, "zone_without_date")]
        )
    if "status" in named or "completed" in named:
        new |= _make_status_columns(body, old, batch.at)
    if "category" in named:
        ids = await ensure_categories(batch, [body.category] if body.category else [])
        new["category_id"] = body.category and ids[make_name_key(body.category)]
    if "assignee" in named:
        await _check_assignees(batch, [body])
        new["assignee_id"] = body.assignee
    if "parent" in named:
        (new["parent_id"],) = await resolve_parents(batch, [body])
        await check_move(batch, old["id"], new["parent_id"])
    return new


def _make_due_columns(text: str | None) -> Row:
    due = None if text is None else parse_due_date(text)
    return {"due_kind": due and due.kind, "due_at": due and due.at}


def _make_status_columns(body: TaskFields, old: Row | None, now: datetime) -> Row:
    """Return status and completed_at after a body that may name either or both or none."""
    before = "todo" if old is None else old["status"]
    if "status" in body.model_fields_set or "completed" not in body.model_fields_set:
        status: str = body.status
    elif body.completed:
        status = "done"
    else:
        status = "todo" if before == "done" else before
    if status != "done":
        return {"status": status, "completed_at": None}
    completed_at = old["completed_at"] if old is not None and before == "done" else now
    return {"status": status, "completed_at": completed_at}


async def _check_ids_are_free(batch: Batch, ids: Sequence[str]) -> None:
    if not ids:
        return
    taken = await list_references(batch.transaction, batch.workspace_id, ids=ids, numbers=[])
    if taken or len(set(ids)) < len(ids):
        repeated = taken[0]["id"] if taken else max(ids, key=list(ids).count)
        message = f"The id {repeated} is in use already; PUT to it replaces the task."
        raise NameTakenError(message)


async def _check_assignees(batch: Batch, bodies: Sequence[TaskFields]) -> None:
    wanted = {body.assignee for body in bodies if body.assignee is not None}
    if not wanted:
        return
    known = await list_member_ids(batch.transaction, batch.workspace_id, sorted(wanted))
    for index, body in enumerate(bodies):
        if body.assignee is not None and body.assignee not in known:
            message = f"{body.assignee} is not a member of this workspace."
            pointer = "/assignee" if len(bodies) == 1 else f"/{index}/assignee"
            raise ValidationFailedError(message, errors=[FieldError(pointer, message, "member")])
