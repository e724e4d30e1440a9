"""The description of saved filters."""

from typing import Any

from taskstead.domain.filters.renaming import make_label_keys
from taskstead.domain.names import make_name_key
from taskstead.entities.entity import Derivation, Entity, Privacy, Values
from taskstead.tables.saved_filters import SavedFilterRow, saved_filters


def _derive_from_name(row: Values) -> dict[str, Any]:
    return {"name_key": make_name_key(row["name"])}


def _derive_from_filter(row: Values) -> dict[str, Any]:
    return {"label_keys": make_label_keys(row["filter"])}


SAVED_FILTER = Entity(
    kind="filter",
    collection="filters",
    row_type=SavedFilterRow,
    table=saved_filters,
    name="name",
    logged=(
        "name",
        "filter",
        "sort",
        "group_by",
        "color",
        "position",
        "owner_id",
        "is_shared",
        "deleted_at",
    ),
    text=("name", "filter"),
    tombstone=("deleted_at",),
    derivations=(
        Derivation(frozenset({"name"}), _derive_from_name),
        Derivation(frozenset({"filter"}), _derive_from_filter),
    ),
    privacy=Privacy(owner="owner_id", shared="is_shared"),
)
