"""JSON representation of users and audit events, for administrators."""

from typing import Any

from taskstead.tables.audit import NamedAuditEventRow
from taskstead.tables.users import UserRow


def render_user(row: UserRow) -> dict[str, Any]:
    """Return a user's row as JSON data of ``User``."""
    return {
        "id": row["id"],
        "email": row["email"],
        "name": row["name"],
        "time_zone": row["time_zone"],
        "is_admin": row["is_admin"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
        "disabled_at": row["disabled_at"],
    }


def render_audit_event(row: NamedAuditEventRow) -> dict[str, Any]:
    """Return a row of ``queries.audit`` as JSON data of ``AuditEvent``."""
    return {
        "id": row["id"],
        "at": row["at"],
        "kind": row["kind"],
        "user_id": row["user_id"],
        "user_email": row["user_email"],
        "credential_id": row["credential_id"],
        "subject_id": row["subject_id"],
        "subject_email": row["subject_email"],
        "address": row["address"],
        "request_id": row["request_id"],
        "details": row["details"],
    }
