"""JSON representation of workspaces and members."""

from typing import Any

from taskstead.tables.workspaces import NamedMemberRow, UserWorkspaceRow


def render_workspace(row: UserWorkspaceRow) -> dict[str, Any]:
    """Return a row of ``queries.workspaces.workspaces`` as JSON data of ``Workspace``."""
    return {
        "id": row["id"],
        "name": row["name"],
        "personal": row["is_personal"],
        "role": row["role"],
        "revision": row["revision"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
        "deleted_at": row["deleted_at"],
    }


def render_member(row: NamedMemberRow) -> dict[str, Any]:
    """Return a member's row as JSON data of ``Member``."""
    return {
        "user_id": row["user_id"],
        "email": row["email"],
        "name": row["name"],
        "role": row["role"],
        "revision": row["revision"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
    }
