"""Table of the audit log: security events of the whole server, such as logins and new tokens.

It is separate from the change logs of the workspaces (``tables/changes.py``).
"""

from datetime import datetime
from typing import Any, TypedDict

from sqlalchemy import Column, Index, String, Table

from taskstead.db.sql.types import Id, Instant, Json
from taskstead.tables.metadata import metadata

# No foreign keys: an event outlives the user, token or job that it refers to.
audit_log = Table(
    "audit_log",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("kind", String(40), nullable=False),
    # The acting user. Null before authentication (a failed login) and for the command line.
    Column("user_id", Id),
    # The session or API token of the request.
    Column("credential_id", Id),
    # The object of the action: a user, token, invitation, workspace or job.
    Column("subject_id", Id),
    # The client's IP address. Null, like the request id, for the command line.
    Column("address", String(64)),
    Column("request_id", String(100)),
    Column("details", Json, nullable=False),
    Index("ix_audit_log_at", "at"),
    Index("ix_audit_log_kind", "kind", "id"),
    Index("ix_audit_log_user", "user_id", "id"),
    Index("ix_audit_log_subject", "subject_id", "id"),
)


class AuditEventRow(TypedDict):
    """A row of the audit log."""

    id: str
    at: datetime
    kind: str
    user_id: str | None
    credential_id: str | None
    subject_id: str | None
    address: str | None
    request_id: str | None
    details: dict[str, Any]


class NamedAuditEventRow(AuditEventRow):
    """An event with the e-mail addresses of the acting user and of the subject.

    An address is None if there is no such user.
    """

    user_email: str | None
    subject_email: str | None
