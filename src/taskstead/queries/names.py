"""Finding categories and tags by their names, both in one round trip."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, bindparam, literal, select, union_all

from taskstead.db.database import Reader
from taskstead.db.expressions import is_any_of
from taskstead.db.statements import Row
from taskstead.tables.categories import categories
from taskstead.tables.tags import tags


def _select_names(table: Table, kind: str) -> Select[Any]:
    name_key: ColumnElement[Any] = table.c.name_key
    return select(literal(kind).label("kind"), table.c.id, table.c.name, name_key).where(
        table.c.workspace_id == bindparam("workspace_id"),
        table.c.deleted_at.is_(None),
        is_any_of(name_key, f"{kind}_keys"),
    )


_LIST = union_all(_select_names(categories, "category"), _select_names(tags, "tag"))


async def list_names(
    reader: Reader,
    workspace_id: str,
    *,
    category_keys: Collection[str],
    tag_keys: Collection[str],
) -> tuple[list[Row], list[Row]]:
    """Return id, name and name_key of the live categories and tags with these caseless names."""
    if not category_keys and not tag_keys:
        return [], []
    values = {
        "workspace_id": workspace_id,
        "category_keys": list(category_keys),
        "tag_keys": list(tag_keys),
    }
    rows = await reader.fetch_all(_LIST, values)
    found: dict[str, list[Row]] = {"category": [], "tag": []}
    for row in rows:
        found[row["kind"]].append(row)
    return found["category"], found["tag"]
