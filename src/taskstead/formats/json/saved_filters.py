"""JSON representation of saved filters."""

from typing import Any

from taskstead.tables.saved_filters import SavedFilterRow


def render_saved_filter(row: SavedFilterRow) -> dict[str, Any]:
    """Return a saved filter as JSON data of ``SavedFilter``."""
    return {
        "id": row["id"],
        "name": row["name"],
        "filter": row["filter"],
        "sort": row["sort"],
        "group_by": row["group_by"],
        "color": row["color"],
        "position": row["position"],
        "shared": row["is_shared"],
        "owner": row["owner_id"],
        "revision": row["revision"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
    }


def render_synced_filter(row: SavedFilterRow) -> dict[str, Any]:
    """Return a saved filter as JSON data of ``SyncedFilter``."""
    return {**render_saved_filter(row), "deleted_at": row["deleted_at"]}
