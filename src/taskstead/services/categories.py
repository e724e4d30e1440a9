"""Categories: create, update, trash and restore."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, insert, update

from taskstead.cooperative import yield_every
from taskstead.db.database import Database
from taskstead.db.statements import Row
from taskstead.errors import FieldError, NameTakenError, ValidationFailedError
from taskstead.ids import is_id, make_id
from taskstead.queries.categories import (
    find_category,
    get_category,
    get_last_position,
    list_categories_by_ids,
    list_categories_by_keys,
    list_task_ids_of_category,
)
from taskstead.queries.principals import Principal
from taskstead.schemas.categories import CategoryCreate, CategoryPatch
from taskstead.schemas.preconditions import NO_PRECONDITION, Precondition, check_precondition
from taskstead.schemas.text import make_name_columns, make_name_key
from taskstead.services.changes import (
    Action,
    Batch,
    classify_change,
    compare_rows,
    list_fields,
    open_batch,
)
from taskstead.services.trash import trash_tasks_in_batch
from taskstead.tables.categories import categories
from taskstead.tables.tasks import tasks

# The fields of a category that the change log records. The other columns are derived from these
# fields and from the change.
LOGGED = ("name", "color", "position", "is_archived", "deleted_at", "deleted_batch")

_INSERT = insert(categories)
_UPDATE = (
    update(categories)
    .where(
        categories.c.workspace_id == bindparam("workspace"),
        categories.c.id == bindparam("category"),
    )
    .values(
        {
            name: bindparam(name)
            for name in (*LOGGED, "name_key", "sort_key", "revision", "updated_at")
        }
    )
)
_MOVE_TASK = (
    update(tasks)
    .where(tasks.c.workspace_id == bindparam("workspace"), tasks.c.id == bindparam("task"))
    .values({name: bindparam(name) for name in ("category_id", "revision", "updated_at")})
)


async def create_categories_in_batch(batch: Batch, names: Sequence[str]) -> list[Row]:
    """Create categories at the end of the order; return their rows.

    Args:
        batch: the open batch.
        names: different names that no category has.
    """
    if not names:
        return []
    position = await get_last_position(batch.transaction, batch.workspace_id)
    rows = [
        _make_row(batch, name=name, position=position + offset)
        for offset, name in enumerate(names, start=1)
    ]
    await batch.transaction.execute_many(_INSERT, rows)
    return rows


def _make_row(
    batch: Batch, *, name: str, position: int, color: str | None = None, is_archived: bool = False
) -> Row:
    row: Row = {
        "workspace_id": batch.workspace_id,
        "id": make_id(),
        "name": name,
        **make_name_columns(name),
        "color": color,
        "position": position,
        "is_archived": is_archived,
        "created_at": batch.at,
        "updated_at": batch.at,
        "deleted_at": None,
        "deleted_batch": None,
    }
    fields = list_fields(row, LOGGED)
    row["revision"] = batch.record_change("category", row["id"], "created", fields)
    return row


async def create_category(database: Database, principal: Principal, body: CategoryCreate) -> Row:
    """Create a category; return it.

    Raises:
        NameTakenError: another category has the same name, ignoring case.
        ValidationFailedError: the name is a UUID.
    """
    async with open_batch(database, principal) as batch:
        await _check_name_is_free(batch, body.name)
        position = body.position
        if position is None:
            position = 1 + await get_last_position(batch.transaction, batch.workspace_id)
        row = _make_row(
            batch,
            name=body.name,
            position=position,
            color=body.color,
            is_archived=body.archived,
        )
        await batch.transaction.execute(_INSERT, row)
        return row


async def update_category(
    database: Database,
    principal: Principal,
    category_id: str,
    body: CategoryPatch,
    precondition: Precondition = NO_PRECONDITION,
) -> Row:
    """Change the fields of a category that were sent; return the category.

    Raises:
        NotFoundError: there is no such category.
        RevisionMismatchError: its revision does not match the precondition.
        NameTakenError: another category has the new name.
        ValidationFailedError: the new name is a UUID.
    """
    async with open_batch(database, principal) as batch:
        old = await get_category(batch.transaction, batch.workspace_id, category_id)
        check_precondition(precondition, old)
        values = body.model_dump(exclude_unset=True)
        if "archived" in values:
            values["is_archived"] = values.pop("archived")
        if "name" in values and _is_renamed(body.name, old):
            await _check_name_is_free(batch, body.name)
        return await _write_row(batch, old, {**old, **values}, "updated")


async def _write_row(batch: Batch, old: Row, new: Row, action: Action) -> Row:
    fields = compare_rows(old, new, LOGGED)
    if not fields:
        return old
    if "name" in fields:
        new |= make_name_columns(new["name"])
    new["updated_at"] = batch.at
    new["revision"] = batch.record_change("category", new["id"], action, fields)
    parameters = {"workspace": batch.workspace_id, "category": new["id"], **new}
    await batch.transaction.execute(_UPDATE, parameters)
    return new


async def write_categories_in_batch(batch: Batch, pairs: Iterable[tuple[Row, Row]]) -> None:
    """Write changed categories in one statement. Unchanged categories are skipped.

    Args:
        batch: the open batch.
        pairs: (old row, new row) pairs. The new row must be valid and have its ``name_key``.
    """
    rows: list[Row] = []
    # Trashed categories first, because that frees their names for the other rows.
    for old, new in sorted(pairs, key=lambda pair: pair[1]["deleted_at"] is None):
        fields = compare_rows(old, new, LOGGED)
        if fields:
            revision = batch.record_change("category", old["id"], classify_change(old, new), fields)
            key = {"workspace": batch.workspace_id, "category": old["id"]}
            rows.append({**new, **key, "updated_at": batch.at, "revision": revision})
    await batch.transaction.execute_many(_UPDATE, rows)


def _is_renamed(name: str, old: Row) -> bool:
    return bool(name != old["name"] and make_name_key(name) != old["name_key"])


async def _check_name_is_free(batch: Batch, name: str) -> None:
    if is_id(name):
        message = "A category name cannot be a UUID, because it would be read as an id."
        raise ValidationFailedError(message, errors=[FieldError("/name", message, "id_as_name")])
    if await list_categories_by_keys(batch.transaction, batch.workspace_id, [make_name_key(name)]):
        raise NameTakenError(f"A category named {name!r} already exists.")


async def trash_category(
    database: Database,
    principal: Principal,
    category_id: str,
    precondition: Precondition = NO_PRECONDITION,
    *,
    move_to: str | None,
) -> None:
    """Move a category to the trash. Its tasks are trashed too, or moved to another category.

    Args:
        database: the application's database.
        principal: the acting principal.
        category_id: the category's id.
        precondition: the required revision, if any.
        move_to: id of the category that gets the tasks; None to trash them.

    Raises:
        NotFoundError: there is no such category.
        RevisionMismatchError: its revision does not match the precondition.
        ValidationFailedError: ``move_to`` is not another category of the workspace.
    """
    async with open_batch(database, principal) as batch:
        old = await get_category(batch.transaction, batch.workspace_id, category_id)
        check_precondition(precondition, old)
        task_rows = await list_task_ids_of_category(
            batch.transaction, batch.workspace_id, category_id
        )
        if move_to is None:
            live = [row["id"] for row in task_rows if row["deleted_at"] is None]
            await trash_tasks_in_batch(batch, live)
        else:
            await _check_target(batch, category_id, move_to)
            await _move_tasks(batch, [row["id"] for row in task_rows], category_id, move_to)
        new = {**old, "deleted_at": batch.at, "deleted_batch": batch.id}
        await _write_row(batch, old, new, "trashed")


async def _check_target(batch: Batch, category_id: str, move_to: str) -> None:
    target = await find_category(batch.transaction, batch.workspace_id, move_to)
    if target is None or target["deleted_at"] is not None or move_to == category_id:
        message = "move_to must be the id of another category in this workspace."
        raise ValidationFailedError(
            message, errors=[FieldError("query/move_to", message, "category")]
        )


async def _move_tasks(batch: Batch, task_ids: list[str], old: str, new: str) -> None:
    rows: list[Mapping[str, Any]] = [
        {
            "workspace": batch.workspace_id,
            "task": task_id,
            "category_id": new,
            "updated_at": batch.at,
            "revision": batch.record_change(
                "task", task_id, "updated", {"category_id": (old, new)}
            ),
        }
        async for task_id in yield_every(task_ids)
    ]
    await batch.transaction.execute_many(_MOVE_TASK, rows)


async def restore_categories_in_batch(
    batch: Batch, category_ids: Collection[str]
) -> dict[str, str]:
    """Restore categories from the trash. Live categories are skipped.

    If a live category has the same name, the trashed category is not restored, and its tasks must
    be moved to the live one. If two trashed categories have the same name, the older one is
    restored.

    Returns:
        By category id, the id of the category that its tasks must have.
    """
    reader, workspace_id = batch.transaction, batch.workspace_id
    targets = {category_id: category_id for category_id in category_ids}
    found = await list_categories_by_ids(reader, workspace_id, sorted(targets)) if targets else []
    trashed = [row for row in found if row["deleted_at"] is not None]
    if not trashed:
        return targets
    keys = sorted({row["name_key"] for row in trashed})
    namesakes = await list_categories_by_keys(reader, workspace_id, keys)
    holders: dict[str, str] = {row["name_key"]: row["id"] for row in namesakes}
    rows: list[Row] = []
    for old in trashed:
        holder = holders.setdefault(old["name_key"], old["id"])
        targets[old["id"]] = holder
        if holder == old["id"]:
            new = {**old, "deleted_at": None, "deleted_batch": None}
            fields = compare_rows(old, new, LOGGED)
            new["updated_at"] = batch.at
            new["revision"] = batch.record_change("category", new["id"], "restored", fields)
            rows.append({"workspace": workspace_id, "category": new["id"], **new})
    await batch.transaction.execute_many(_UPDATE, rows)
    return targets
