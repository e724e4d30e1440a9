"""Schemas of the audit log: event kinds, events and filter parameters."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

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
    "session.others_ended",
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
    """The parameters of an audit log listing. Unknown parameters are rejected."""

    kind: list[EventKind] = Field(
        default=[], max_length=100, description="Only events of these kinds."
    )
    user: Annotated[
        Uuid | None,
        Field(description="Only events caused by this user or affecting this user; a user id."),
    ] = None


class AuditEvent(Output):
    """A security event."""

    id: str
    at: datetime
    kind: EventKind
    user_id: Annotated[
        str | None,
        Field(
            description="The user who caused the event. Null if the user is unknown or the event "
            "was caused on the command line."
        ),
    ]
    user_email: Annotated[str | None, Field(description="The current e-mail address of that user.")]
    credential_id: Annotated[
        str | None, Field(description="The id of the session or API token that was used.")
    ]
    subject_id: Annotated[
        str | None,
        Field(description="The id of the affected user, token, invitation, workspace or job."),
    ]
    subject_email: Annotated[
        str | None, Field(description="The current e-mail address of an affected user.")
    ]
    address: Annotated[
        str | None,
        Field(description="The IP address of the client. Null for the command line."),
    ]
    request_id: Annotated[
        str | None, Field(description="The request id in `X-Request-ID` and in the server log.")
    ]
    details: Annotated[
        dict[str, Any],
        Field(description="Further data by kind: `email`, `role`, `workspace_id`, …"),
    ]
