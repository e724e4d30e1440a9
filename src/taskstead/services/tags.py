"""Tags: create, update, merge, trash, and assign to tasks."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, delete, insert, update

from taskstead.cooperative import yield_every
from taskstead.db.database import Database
from taskstead.db.statements import Row
from taskstead.errors import FieldError, NameTakenError, ValidationFailedError
from taskstead.ids import is_id, make_id
from taskstead.queries.principals import Principal
from taskstead.queries.tags import (
    get_tag,
    list_tag_ids_of_tasks,
    list_tags_by_keys,
    list_task_ids_of_tag,
)
from taskstead.schemas.preconditions import NO_PRECONDITION, Precondition, check_precondition
from taskstead.schemas.tags import TagCreate, TagPatch
from taskstead.schemas.text import make_name_columns, make_name_key
from taskstead.services.changes import (
    Action,
    Batch,
    classify_change,
    compare_rows,
    list_fields,
    open_batch,
)
from taskstead.services.search import index_tasks
from taskstead.tables.tags import tags, task_tags
from taskstead.tables.tasks import tasks

# The fields of a tag that the change log records. The other columns are derived from these fields
# and from the change.
LOGGED = ("name", "color", "deleted_at")

_INSERT = insert(tags)
_UPDATE = (
    update(tags)
    .where(tags.c.workspace_id == bindparam("workspace"), tags.c.id == bindparam("tag"))
    .values(
        {
            name: bindparam(name)
            for name in (*LOGGED, "name_key", "sort_key", "revision", "updated_at")
        }
    )
)
_INSERT_TASK_TAG = insert(task_tags)
_DELETE_TASK_TAG = delete(task_tags).where(
    task_tags.c.workspace_id == bindparam("workspace_id"),
    task_tags.c.task_id == bindparam("task_id"),
    task_tags.c.tag_id == bindparam("tag_id"),
)
_TOUCH_TASK = (
    update(tasks)
    .where(tasks.c.workspace_id == bindparam("workspace"), tasks.c.id == bindparam("task"))
    .values({name: bindparam(name) for name in ("revision", "updated_at")})
)


async def create_tags_in_batch(batch: Batch, names: Sequence[str]) -> list[Row]:
    """Create tags; return their rows.

    Args:
        batch: the open batch.
        names: different names that no tag has.
    """
    rows = [_make_row(batch, name=name) for name in names]
    await batch.transaction.execute_many(_INSERT, rows)
    return rows


def _make_row(batch: Batch, *, name: str, color: str | None = None) -> Row:
    row: Row = {
        "workspace_id": batch.workspace_id,
        "id": make_id(),
        "name": name,
        **make_name_columns(name),
        "color": color,
        "created_at": batch.at,
        "updated_at": batch.at,
        "deleted_at": None,
    }
    row["revision"] = batch.record_change("tag", row["id"], "created", list_fields(row, LOGGED))
    return row


async def create_tag(database: Database, principal: Principal, body: TagCreate) -> Row:
    """Create a tag; return it.

    Raises:
        NameTakenError: another tag has the name, ignoring case.
        ValidationFailedError: the name is a UUID.
    """
    async with open_batch(database, principal) as batch:
        await _check_name_is_free(batch, body.name)
        row = _make_row(batch, name=body.name, color=body.color)
        await batch.transaction.execute(_INSERT, row)
        return row


async def update_tag(
    database: Database,
    principal: Principal,
    tag_id: str,
    body: TagPatch,
    precondition: Precondition = NO_PRECONDITION,
) -> Row:
    """Change the fields of a tag that were sent; return the tag.

    Raises:
        NotFoundError: there is no such tag.
        RevisionMismatchError: its revision does not match the precondition.
        NameTakenError: another tag has the new name. :func:`merge_tag` can merge the two tags.
        ValidationFailedError: the new name is a UUID.
    """
    async with open_batch(database, principal) as batch:
        old = await get_tag(batch.transaction, batch.workspace_id, tag_id)
        check_precondition(precondition, old)
        values = body.model_dump(exclude_unset=True)
        if "name" in values and _is_renamed(body.name, old):
            await _check_name_is_free(batch, body.name)
        new = await _write_row(batch, old, {**old, **values}, "updated")
        if new["name"] != old["name"]:
            task_ids = await list_task_ids_of_tag(batch.transaction, batch.workspace_id, tag_id)
            await index_tasks(batch, task_ids)
        return new


async def _write_row(batch: Batch, old: Row, new: Row, action: Action) -> Row:
    fields = compare_rows(old, new, LOGGED)
    if not fields:
        return old
    if "name" in fields:
        new |= make_name_columns(new["name"])
    new["updated_at"] = batch.at
    new["revision"] = batch.record_change("tag", new["id"], action, fields)
    parameters = {"workspace": batch.workspace_id, "tag": new["id"], **new}
    await batch.transaction.execute(_UPDATE, parameters)
    return new


async def write_tags_in_batch(batch: Batch, pairs: Iterable[tuple[Row, Row]]) -> None:
    """Write changed tags in one statement, and index the tasks with renamed tags again.

    Unchanged tags are skipped.

    Args:
        batch: the open batch.
        pairs: (old row, new row) pairs. The new row must be valid and have its ``name_key``.
    """
    rows: list[Row] = []
    renamed: list[str] = []
    # Trashed tags first, because that frees their names for the other rows.
    for old, new in sorted(pairs, key=lambda pair: pair[1]["deleted_at"] is None):
        fields = compare_rows(old, new, LOGGED)
        if fields:
            revision = batch.record_change("tag", old["id"], classify_change(old, new), fields)
            key = {"workspace": batch.workspace_id, "tag": old["id"]}
            rows.append({**new, **key, "updated_at": batch.at, "revision": revision})
        if "name" in fields:
            renamed.append(old["id"])
    await batch.transaction.execute_many(_UPDATE, rows)
    for tag_id in renamed:
        task_ids = await list_task_ids_of_tag(batch.transaction, batch.workspace_id, tag_id)
        await index_tasks(batch, task_ids)


def _is_renamed(name: str, old: Row) -> bool:
    return bool(name != old["name"] and make_name_key(name) != old["name_key"])


async def _check_name_is_free(batch: Batch, name: str) -> None:
    if is_id(name):
        message = "A tag name cannot be a UUID, because it would be read as an id."
        raise ValidationFailedError(message, errors=[FieldError("/name", message, "id_as_name")])
    if await list_tags_by_keys(batch.transaction, batch.workspace_id, [make_name_key(name)]):
        raise NameTakenError(
            f"A tag named {name!r} already exists. To combine the two, merge one into the other."
        )


async def merge_tag(database: Database, principal: Principal, tag_id: str, *, into: str) -> Row:
    """Replace a tag by another tag on all its tasks and move it to the trash; return the other tag.

    Raises:
        NotFoundError: one of the two tags does not exist.
        ValidationFailedError: both ids are the same.
    """
    if into == tag_id:
        message = "A tag cannot be merged into itself."
        raise ValidationFailedError(message, errors=[FieldError("/into", message, "same_tag")])
    async with open_batch(database, principal) as batch:
        old = await get_tag(batch.transaction, batch.workspace_id, tag_id)
        await get_tag(batch.transaction, batch.workspace_id, into)
        await _remove_from_all_tasks(batch, old, replacement=into)
        return await get_tag(batch.transaction, batch.workspace_id, into)


async def trash_tag(
    database: Database,
    principal: Principal,
    tag_id: str,
    precondition: Precondition = NO_PRECONDITION,
) -> None:
    """Remove a tag from all tasks and move it to the trash.

    Raises:
        NotFoundError: there is no such tag.
        RevisionMismatchError: its revision does not match the precondition.
    """
    async with open_batch(database, principal) as batch:
        old = await get_tag(batch.transaction, batch.workspace_id, tag_id)
        check_precondition(precondition, old)
        await _remove_from_all_tasks(batch, old, replacement=None)


async def _remove_from_all_tasks(batch: Batch, old: Row, *, replacement: str | None) -> None:
    task_ids = await list_task_ids_of_tag(batch.transaction, batch.workspace_id, old["id"])
    tag_ids = await list_tag_ids_of_tasks(batch.transaction, batch.workspace_id, task_ids)
    new_tag_ids = {
        task_id: ({*ids} - {old["id"]}) | ({replacement} if replacement else set())
        async for task_id, ids in yield_every(tag_ids.items())
    }
    fields = await set_tags(batch, tag_ids, new_tag_ids)
    task_rows: list[Mapping[str, Any]] = [
        {
            "workspace": batch.workspace_id,
            "task": task_id,
            "updated_at": batch.at,
            "revision": batch.record_change("task", task_id, "updated", {"tag_ids": change}),
        }
        async for task_id, change in yield_every(fields.items())
    ]
    await batch.transaction.execute_many(_TOUCH_TASK, task_rows)
    await index_tasks(batch, list(fields))
    await _write_row(batch, old, {**old, "deleted_at": batch.at}, "trashed")


async def set_tags(
    batch: Batch, current: Mapping[str, Sequence[str]], new: Mapping[str, Iterable[str]]
) -> dict[str, tuple[list[str], list[str]]]:
    """Replace the tags of tasks. The caller records the changes in the change log.

    Args:
        batch: the open batch.
        current: current tag ids by task id. A task without tags may be missing.
        new: new tag ids by task id.

    Returns:
        The old and new tag ids of each task whose tags changed.
    """
    changed: dict[str, tuple[list[str], list[str]]] = {}
    added: list[Row] = []
    removed: list[Row] = []
    async for task_id, ids in yield_every(new.items()):
        old_ids, new_ids = set(current.get(task_id, ())), set(ids)
        if old_ids == new_ids:
            continue
        changed[task_id] = (sorted(old_ids), sorted(new_ids))
        key = {"workspace_id": batch.workspace_id, "task_id": task_id}
        added += [{**key, "tag_id": tag_id} for tag_id in sorted(new_ids - old_ids)]
        removed += [{**key, "tag_id": tag_id} for tag_id in sorted(old_ids - new_ids)]
    await batch.transaction.execute_many(_DELETE_TASK_TAG, removed)
    await batch.transaction.execute_many(_INSERT_TASK_TAG, added)
    return changed
