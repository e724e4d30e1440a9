"""The descriptions of the labels: categories and tags."""

from typing import Any

from taskstead.domain.names import make_name_columns
from taskstead.entities.entity import Derivation, Entity, Values
from taskstead.tables.labels.categories import CategoryRow, categories
from taskstead.tables.labels.tags import TagRow, tags, task_tags
from taskstead.tables.tasks import tasks


def _derive_from_name(row: Values) -> dict[str, Any]:
    return dict(make_name_columns(row["name"]))


_NAME = Derivation(frozenset({"name"}), _derive_from_name)

CATEGORY = Entity(
    kind="category",
    collection="categories",
    row_type=CategoryRow,
    table=categories,
    name="name",
    logged=("name", "color", "position", "is_archived", "deleted_at", "deleted_batch"),
    text=("name",),
    tombstone=("deleted_at",),
    derivations=(_NAME,),
    referenced_by=(tasks.c.category_id,),
)
TAG = Entity(
    kind="tag",
    collection="tags",
    row_type=TagRow,
    table=tags,
    name="name",
    # There is no `deleted_batch`: a trashed tag is removed from its tasks, so the restore of a task
    # does not restore its tags.
    logged=("name", "color", "deleted_at"),
    text=("name",),
    tombstone=("deleted_at",),
    derivations=(_NAME,),
    referenced_by=(task_tags.c.tag_id,),
)
