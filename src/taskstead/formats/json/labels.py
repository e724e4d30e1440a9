"""JSON representation of categories and tags."""

from typing import Any

from taskstead.tables.labels.categories import CategoryRow, CountedCategoryRow
from taskstead.tables.labels.tags import CountedTagRow, TagRow


def render_category(row: CategoryRow) -> dict[str, Any]:
    """Return a row of ``queries.labels.categories`` as JSON data of ``Category``."""
    return {
        "id": row["id"],
        "name": row["name"],
        "color": row["color"],
        "position": row["position"],
        "archived": row["is_archived"],
        "revision": row["revision"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
    }


def render_counted_category(row: CountedCategoryRow) -> dict[str, Any]:
    """Return a row of ``list_categories`` as JSON data of ``CountedCategory``."""
    return {
        **render_category(row),
        "task_count": row["task_count"],
        "open_task_count": row["open_task_count"],
    }


def render_tag(row: TagRow) -> dict[str, Any]:
    """Return a row of ``queries.labels.tags`` as JSON data of ``Tag``."""
    return {
        "id": row["id"],
        "name": row["name"],
        "color": row["color"],
        "revision": row["revision"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
    }


def render_counted_tag(row: CountedTagRow) -> dict[str, Any]:
    """Return a row of ``list_tags`` as JSON data of ``CountedTag``."""
    return {
        **render_tag(row),
        "task_count": row["task_count"],
        "open_task_count": row["open_task_count"],
    }
