"""JSON representation of the rows of incremental sync."""

from typing import Any

from taskstead.formats.json.labels import render_category, render_tag
from taskstead.formats.json.tasks import render_repeat
from taskstead.tables.labels.categories import CategoryRow
from taskstead.tables.labels.tags import TagRow
from taskstead.tables.tasks import TaggedTaskRow, TaskCountsRow
from taskstead.tables.workspaces import NamedMemberRow, WorkspaceRow


def render_task_counts(row: TaskCountsRow) -> dict[str, int]:
    """Return the numbers of tasks as JSON data of ``TaskCounts``."""
    return {"total": row["total"], "open": row["open"], "closed": row["total"] - row["open"]}


def render_synced_workspace(row: WorkspaceRow) -> dict[str, Any]:
    """Return a workspace as JSON data of ``SyncedWorkspace``."""
    return {
        "id": row["id"],
        "name": row["name"],
        "personal": row["is_personal"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
    }


def render_synced_member(row: NamedMemberRow) -> dict[str, Any]:
    """Return a member as JSON data of ``SyncedMember``."""
    return {
        "id": row["user_id"],
        "email": row["email"],
        "name": row["name"],
        "role": row["role"],
        "revision": row["revision"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
    }


def render_synced_category(row: CategoryRow) -> dict[str, Any]:
    """Return a category as JSON data of ``SyncedCategory``."""
    return {**render_category(row), "deleted_at": row["deleted_at"]}


def render_synced_tag(row: TagRow) -> dict[str, Any]:
    """Return a tag as JSON data of ``SyncedTag``."""
    return {**render_tag(row), "deleted_at": row["deleted_at"]}


def render_synced_task(row: TaggedTaskRow) -> dict[str, Any]:
    """Return a task as JSON data of ``SyncedTask``."""
    return {
        "id": row["id"],
        "number": row["number"],
        "title": row["title"],
        "description": row["description"],
        "status": row["status"],
        "completed": row["status"] == "done",
        "priority": row["priority"],
        "due_date": row["due_date"],
        "due_time_zone": row["due_time_zone"],
        **render_repeat(row),
        "category_id": row["category_id"],
        "tag_ids": row["tag_ids"],
        "parent": row["parent_id"],
        "assignee": row["assignee_id"],
        "position": row["position"],
        "revision": row["revision"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
        "completed_at": row["completed_at"],
        "deleted_at": row["deleted_at"],
    }
