"""Query for labels (categories and tags) by name or id. One statement reads both kinds."""

from collections.abc import Collection, Sequence
from typing import Any, Literal, TypedDict

from sqlalchemy import ColumnElement, Select, Table, bindparam, literal, select, union_all

from taskstead.db.database import Reader
from taskstead.db.sql.functions import is_any_of
from taskstead.db.sql.query import Query
from taskstead.entities.entity import Entity
from taskstead.entities.labels import CATEGORY
from taskstead.tables.labels.categories import CategoryRow, categories
from taskstead.tables.labels.tags import TagRow, tags

LabelEntity = Entity[CategoryRow] | Entity[TagRow]

_TABLES = {"category": categories, "tag": tags}


class LabelRow(TypedDict):
    """The name of a category or a tag."""

    id: str
    name: str
    name_key: str


class KindedLabelRow(LabelRow):
    """The name and the kind of a live category or tag."""

    kind: Literal["category", "tag"]


def _select_labels(kind: str, table: Table, by: str) -> Select[Any]:
    column: ColumnElement[Any] = table.c[by]
    return select(literal(kind).label("kind"), table.c.id, table.c.name, table.c.name_key).where(
        table.c.workspace_id == bindparam("workspace_id"),
        table.c.deleted_at.is_(None),
        is_any_of(column, f"{kind}_{by}s"),
    )


_BY_NAME = [_select_labels(kind, table, "name_key") for kind, table in _TABLES.items()]
_BY_ID = [_select_labels(kind, table, "id") for kind, table in _TABLES.items()]
_LIST_BY_NAMES = Query(KindedLabelRow, union_all(*_BY_NAME))
_LIST_BY_NAMES_AND_IDS = Query(KindedLabelRow, union_all(*_BY_NAME, *_BY_ID))


async def list_labels(
    reader: Reader,
    workspace_id: str,
    *,
    category_name_keys: Collection[str] = (),
    tag_name_keys: Collection[str] = (),
    category_ids: Collection[str] = (),
    tag_ids: Collection[str] = (),
) -> tuple[list[LabelRow], list[LabelRow]]:
    """Return the live categories and tags with these names or ids.

    Args:
        reader: the database connection to read from.
        workspace_id: the workspace.
        category_name_keys: case-folded names of categories.
        tag_name_keys: case-folded names of tags.
        category_ids: ids of categories.
        tag_ids: ids of tags.

    Returns:
        Two lists: the categories, and the tags.
    """
    if not (category_name_keys or tag_name_keys or category_ids or tag_ids):
        return [], []
    values: dict[str, Any] = {
        "workspace_id": workspace_id,
        "category_name_keys": list(category_name_keys),
        "tag_name_keys": list(tag_name_keys),
    }
    statement = _LIST_BY_NAMES
    if category_ids or tag_ids:
        statement = _LIST_BY_NAMES_AND_IDS
        values |= {"category_ids": list(category_ids), "tag_ids": list(tag_ids)}
    found: dict[str, list[LabelRow]] = {"category": [], "tag": []}
    for row in await reader.fetch_all(statement, values):
        found[row["kind"]].append(row)
    return found["category"], found["tag"]


async def list_labels_named(
    reader: Reader, entity: LabelEntity, workspace_id: str, name_keys: list[str]
) -> Sequence[LabelRow]:
    """Return the live categories, or the live tags, with these case-folded names."""
    if entity is CATEGORY:
        found, _ = await list_labels(reader, workspace_id, category_name_keys=name_keys)
    else:
        _, found = await list_labels(reader, workspace_id, tag_name_keys=name_keys)
    return found
