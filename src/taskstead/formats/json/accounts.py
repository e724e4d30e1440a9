"""JSON representation of accounts, invitations, sessions and API tokens."""

from typing import Any

from taskstead.tables.tokens import ApiTokenRow, SessionRow
from taskstead.tables.users import InvitationRow, UserRow


def render_account(row: UserRow) -> dict[str, Any]:
    """Return a user's row as JSON data of ``Account``."""
    return {
        "id": row["id"],
        "email": row["email"],
        "name": row["name"],
        "time_zone": row["time_zone"],
        "language": row["language"],
        "date_order": row["date_order"],
        "is_admin": row["is_admin"],
        "personal_workspace_id": row["personal_workspace_id"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
    }


def render_invitation(row: InvitationRow) -> dict[str, Any]:
    """Return an invitation's row as JSON data of ``Invitation``."""
    return {
        "id": row["id"],
        "email": row["email"],
        "created_at": row["created_at"],
        "expires_at": row["expires_at"],
        "used_at": row["used_at"],
    }


def render_session(row: SessionRow, current_id: str | None) -> dict[str, Any]:
    """Return a session's row as JSON data of ``Session``; ``current_id`` is that of the request."""
    return {
        "id": row["id"],
        "current": row["id"] == current_id,
        "kind": "cookie" if row["has_cookie"] else "token",
        "method": row["method"],
        "client": row["client"],
        "address": row["address"],
        "created_at": row["created_at"],
        "last_used_at": row["last_used_at"],
        "expires_at": row["expires_at"],
    }


def render_api_token(row: ApiTokenRow) -> dict[str, Any]:
    """Return an API token's row as JSON data of ``ApiToken``."""
    return {
        "id": row["id"],
        "name": row["name"],
        "scopes": row["scopes"],
        "workspace_id": row["workspace_id"],
        "created_at": row["created_at"],
        "expires_at": row["expires_at"],
        "last_used_at": row["last_used_at"],
    }
