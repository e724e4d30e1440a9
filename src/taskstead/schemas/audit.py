"""The audit log on the wire: kinds of events, and what they can be filtered by."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from taskstead.db.statements import Row
from taskstead.schemas.base import Output
from taskstead.schemas.log_listing import LogListing
from taskstead.schemas.text import Uuid

EventKind = Literal[
    "account.registered",
    "account.created",
    "account.disabled",
    "account.enabled",
    "account.email_changed",
    "account.signed_out",
    "account.exported",
    "account.deleted",
    "admin.granted",
    "admin.revoked",
    "login.succeeded",
    "login.failed",
    "session.ended",
    "refresh.reused",
    "password.changed",
    "password.set",
    "token.created",
    "token.deleted",
    "invitation.created",
    "invitation.used",
    "invitation.deleted",
    "member.added",
    "member.changed",
    "member.removed",
    "workspace.deleted",
    "workspace.restored",
    "job.cancelled",
    "job.retried",
]


class AuditListing(LogListing):
    """Which events, and a page of them. Unknown parameters are refused."""

    kind: list[EventKind] = Field(
        default=[], max_length=100, description="What has happened: one of these."
    )
    user: Annotated[
        Uuid | None, Field(description="Done by this user, or to this user; an id.")
    ] = None


class AuditEvent(Output):
    """Something that has happened and matters for security."""

    id: str
    at: datetime
    kind: EventKind
    user_id: Annotated[
        str | None,
        Field(description="Who; null for somebody not known, and for the command line."),
    ]
    user_email: Annotated[str | None, Field(description="Their address now.")]
    credential_id: Annotated[
        str | None, Field(description="The session or API token through which.")
    ]
    subject_id: Annotated[
        str | None,
        Field(
            description="Whom or what it was done to: a user, a token, an invitation, a "
            "workspace, a job."
        ),
    ]
    subject_email: Annotated[str | None, Field(description="A user's address now.")]
    address: Annotated[
        str | None,
        Field(description="The client's address; null without a request, as on the command line."),
    ]
    request_id: Annotated[
        str | None, Field(description="As in `X-Request-ID` and in the server's log.")
    ]
    details: Annotated[
        dict[str, Any], Field(description="More, by kind: `email`, `role`, `workspace_id`, …")
    ]


def render_audit_event(row: Row) -> dict[str, Any]:
    """Return the JSON data of a row of ``queries.audit``, shaped as :class:`AuditEvent`."""
    return {name: row[name] for name in AuditEvent.model_fields}
