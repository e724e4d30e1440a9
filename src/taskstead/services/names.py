"""The categories and tags that tasks are given by name: found, or made along the way."""

from collections.abc import Collection

from taskstead.db.statements import Row
from taskstead.queries.names import list_names
from taskstead.schemas.text import make_name_key
from taskstead.services.categories import ensure_categories
from taskstead.services.changes import Batch
from taskstead.services.tags import ensure_tags


async def ensure_names(
    batch: Batch, *, categories: Collection[str], tags: Collection[str]
) -> tuple[dict[str, Row], dict[str, Row]]:
    """Return id and name of each category and of each tag by caseless name; make those missing."""
    found_categories, found_tags = await list_names(
        batch.transaction,
        batch.workspace_id,
        category_keys={make_name_key(name) for name in categories},
        tag_keys={make_name_key(name) for name in tags},
    )
    return (
        await ensure_categories(batch, categories, found_categories),
        await ensure_tags(batch, tags, found_tags),
    )
