"""Writes logged entities: the rows, their links, the search index and the change log.

Every write to a logged entity uses these functions. They need the description of the entity
(``entities/``), and new values that are already validated. The number of SQL statements does not
depend on the number of rows.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeVar, cast

from sqlalchemy import Delete, Insert, Update, bindparam, delete, insert, update

from taskstead.concurrency.cooperative import yield_every
from taskstead.db.sql.functions import is_any_of, json_without
from taskstead.entities.entity import Entity, Link, R, Values
from taskstead.services.changelog import Batch, Fields, list_fields
from taskstead.services.entity_changes import EntityChange
from taskstead.services.search.index import (
    index_changed_tasks,
    index_tasks_of_renamed_tags,
    remove_from_search,
)
from taskstead.tables.changes import Action, changes

Row = TypeVar("Row", bound=Mapping[str, Any])

# The functions that update the search index after rows of a kind were created or changed.
_INDEXERS = {"task": index_changed_tasks, "tag": index_tasks_of_renamed_tags}


async def create_rows(batch: Batch, entity: Entity[R], rows: Sequence[Values]) -> list[R]:
    """Insert rows; return them with all columns.

    Args:
        batch: the open batch.
        entity: the kind of the rows.
        rows: the values of the new rows. Derived columns are computed. The times of creation and
            change are those of the batch by default.
    """
    defaults = {
        "workspace_id": batch.workspace_id,
        "created_at": batch.at,
        "updated_at": batch.at,
        **dict.fromkeys(entity.trash_fields),
    }
    new_rows: list[dict[str, Any]] = []
    created: list[EntityChange] = []
    async for values in yield_every(rows):
        row = {**defaults, **values}
        row |= entity.derive(row)
        fields = list_fields(row, entity.logged)
        fields |= {link.name: (None, row[link.name]) for link in entity.links if row[link.name]}
        if row["updated_at"] != batch.at:
            fields["updated_at"] = (None, row["updated_at"])
        row["revision"] = batch.record_change(
            entity.kind, row["id"], "created", fields, visible_to=entity.find_visible_to(row)
        )
        new_rows.append(row)
        created.append(EntityChange(None, row, row, fields))
    await batch.transaction.execute_many(_build_insert(entity), new_rows)
    await _write_links(batch, entity, created)
    await _index(batch, entity, created)
    # The row has the columns of its type: those of the request, defaults and derived columns.
    return cast("list[R]", new_rows)


async def update_rows(
    batch: Batch, entity: Entity[Any], updates: Sequence[tuple[Row, Values]]
) -> list[Row]:
    """Write new values of rows. A row whose values are equal to the current ones is not written.

    A row that gets a ``deleted_at`` is logged as trashed, and a row that loses it as restored.

    Args:
        batch: the open batch.
        entity: the kind of the rows.
        updates: pairs of a current row and its new values by field. The row needs its id, the
            fields that may change, and the sources of derived columns that may change. Its values
            must be current, because a column that changes in one row is written in all rows.

    Returns:
        The new rows, in the order of the pairs. A row that was not written is returned itself.
    """
    written: list[EntityChange] = []
    rows: list[Row] = []
    names = {"revision", "updated_at"}
    async for old, values in yield_every(updates):
        fields = {
            name: (old[name], values[name])
            for name in entity.fields
            if name in values and values[name] != old[name]
        }
        if not fields:
            rows.append(old)
            continue
        derived = entity.derive({**old, **values}, frozenset(fields))
        row = {
            **old,
            **values,
            **derived,
            "updated_at": batch.at,
            "revision": _record_update(batch, entity, old, values, fields),
        }
        names.update(name for name in (*fields, *derived) if name in entity.table.c)
        written.append(EntityChange(old, values, row, fields))
        rows.append(cast("Row", row))
    # Trashed rows first, because unique names are unique among live rows only.
    written.sort(key=lambda change: change.row.get("deleted_at") is None)
    await batch.transaction.execute_many(
        _build_update(entity, frozenset(names)),
        [
            {
                "workspace": batch.workspace_id,
                "entity": change.row["id"],
                **{name: change.row[name] for name in names},
            }
            async for change in yield_every(written)
        ],
    )
    await _write_links(batch, entity, written)
    await _index(batch, entity, written)
    return rows


async def trash_rows(batch: Batch, entity: Entity[Any], rows: Sequence[Row]) -> list[Row]:
    """Move live rows to the trash; see :func:`update_rows`."""
    trashed = entity.make_trash_values(batch.at, batch.id)
    return await update_rows(batch, entity, [(row, trashed) for row in rows])


async def restore_rows(batch: Batch, entity: Entity[Any], rows: Sequence[Row]) -> list[Row]:
    """Restore rows from the trash; see :func:`update_rows`."""
    live = dict.fromkeys(entity.trash_fields)
    return await update_rows(batch, entity, [(row, live) for row in rows])


async def purge_rows(batch: Batch, entity: Entity[Any], rows: Sequence[Mapping[str, Any]]) -> None:
    """Permanently delete rows, and remove the text that users entered from the change log.

    The changes themselves remain, so that the revisions have no gaps. The last change of a purged
    row is a tombstone. See docs/decisions/0007-purge-erases-text-from-the-change-log.md.

    Args:
        batch: the open batch.
        entity: the kind of the rows.
        rows: the current rows, with their ids, the fields of the tombstone and the columns of the
            privacy. No other row may refer to them.
    """
    if not rows:
        return
    ids = [row["id"] for row in rows]
    if entity.kind == "task":
        await remove_from_search(batch, ids)
    parameters = {"workspace": batch.workspace_id, "ids": ids}
    await batch.transaction.execute(_build_delete(entity), parameters)
    if entity.text:
        await batch.transaction.execute(_build_erase(entity), parameters)
        batch.drop_fields(entity.kind, set(ids), entity.text)
    for row in rows:
        fields = {name: (row[name], None) for name in entity.tombstone}
        batch.record_change(
            entity.kind, row["id"], "purged", fields, visible_to=entity.find_visible_to(row)
        )


async def erase_private_text(
    batch: Batch, entity: Entity[Any], ids: Sequence[str], *, visible_to: str
) -> None:
    """Remove the text that users entered from the changes that only one user sees.

    Args:
        batch: the open batch.
        entity: the kind of the rows.
        ids: the ids of the rows.
        visible_to: the user who sees the changes.
    """
    if ids:
        await batch.transaction.execute(
            _build_erase_private(entity),
            {"workspace": batch.workspace_id, "ids": ids, "visible_to": visible_to},
        )


def _record_update(
    batch: Batch, entity: Entity[Any], old: Values, values: Values, fields: Fields
) -> int:
    """Record the change of a row; return its revision.

    If the row is shared, or no longer shared, all members see that change. The other changed fields
    are then a change of their own, which only the owner sees.
    """

    def record(fields: Fields, visible_to: str | None) -> int:
        action = _classify_change(fields)
        return batch.record_change(entity.kind, old["id"], action, fields, visible_to=visible_to)

    if entity.privacy is None:
        return record(fields, None)
    shared = entity.privacy.shared
    visible_to = entity.find_visible_to(old)
    new_visible_to = entity.find_visible_to({**old, **values})
    if visible_to == new_visible_to:
        return record(fields, visible_to)
    others = {name: change for name, change in fields.items() if name != shared}
    if others and visible_to is not None:
        record(others, visible_to)
    revision = record({shared: fields[shared]}, None)
    if others and new_visible_to is not None:
        revision = record(others, new_visible_to)
    return revision


def _classify_change(fields: Fields) -> Action:
    if "deleted_at" not in fields:
        return "updated"
    _, deleted_at = fields["deleted_at"]
    return "restored" if deleted_at is None else "trashed"


async def _index(batch: Batch, entity: Entity[Any], written: Sequence[EntityChange]) -> None:
    indexer = _INDEXERS.get(entity.kind)
    if indexer is not None and written:
        await indexer(batch, written)


async def _write_links(batch: Batch, entity: Entity[Any], written: Sequence[EntityChange]) -> None:
    """Write the links that were added and delete those that were removed."""
    for link in entity.links:
        added: list[Values] = []
        removed: list[Values] = []
        async for change in yield_every(written):
            old, new = change.fields.get(link.name, ((), ()))
            key = {"workspace_id": batch.workspace_id, link.owner: change.row["id"]}
            added += [{**key, link.target: id_} for id_ in sorted(set(new) - set(old or ()))]
            removed += [{**key, link.target: id_} for id_ in sorted(set(old or ()) - set(new))]
        await batch.transaction.execute_many(_build_delete_link(link), removed)
        await batch.transaction.execute_many(_build_insert_link(link), added)


@lru_cache
def _build_insert(entity: Entity[Any]) -> Insert:
    return insert(entity.table)


@lru_cache(maxsize=512)
def _build_update(entity: Entity[Any], names: frozenset[str]) -> Update:
    """Build the UPDATE of one row for a set of columns. Cached for each set."""
    table = entity.table
    return (
        update(table)
        .where(table.c.workspace_id == bindparam("workspace"), table.c.id == bindparam("entity"))
        .values({name: bindparam(name) for name in sorted(names)})
    )


@lru_cache
def _build_delete(entity: Entity[Any]) -> Delete:
    table = entity.table
    return delete(table).where(
        table.c.workspace_id == bindparam("workspace"), is_any_of(table.c.id, "ids")
    )


@lru_cache
def _build_erase(entity: Entity[Any]) -> Update:
    """Build the statement that removes the text of rows from the change log."""
    return (
        update(changes)
        .where(
            changes.c.workspace_id == bindparam("workspace"),
            changes.c.kind == entity.kind,
            is_any_of(changes.c.entity_id, "ids"),
        )
        .values(fields=json_without(changes.c.fields, *entity.text))
    )


@lru_cache
def _build_erase_private(entity: Entity[Any]) -> Update:
    """Build the statement that removes the text of rows from the changes that one user sees."""
    return _build_erase(entity).where(changes.c.visible_to == bindparam("visible_to"))


@lru_cache
def _build_insert_link(link: Link) -> Insert:
    return insert(link.table)


@lru_cache
def _build_delete_link(link: Link) -> Delete:
    table = link.table
    return delete(table).where(
        table.c.workspace_id == bindparam("workspace_id"),
        table.c[link.owner] == bindparam(link.owner),
        table.c[link.target] == bindparam(link.target),
    )
