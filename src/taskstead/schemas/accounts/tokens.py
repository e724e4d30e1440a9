"""Schemas of API tokens."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from taskstead.schemas.base import Input, Output
from taskstead.schemas.dates import Instant
from taskstead.schemas.text import Label, Uuid

Scope = Literal[
    "tasks:read", "tasks:write", "tasks:purge", "account:read", "account:write", "admin"
]


class ApiTokenCreate(Input):
    """A new API token for a program or an agent."""

    name: Label
    scopes: Annotated[
        list[Scope],
        Field(
            min_length=1,
            description="The scopes of the token. They must be a subset of your scopes.",
        ),
    ]
    expires_at: Annotated[
        Instant | None,
        Field(description="The time of expiry (RFC 3339 with offset). Default: never."),
    ] = None
    workspace_id: Annotated[
        Uuid | None,
        Field(description="If set, the token is limited to this workspace."),
    ] = None


class ApiToken(Output):
    """An API token, without its secret."""

    id: str
    name: str
    scopes: list[Scope]
    workspace_id: str | None
    created_at: datetime
    expires_at: datetime | None
    last_used_at: Annotated[
        datetime | None, Field(description="The time of the last use, to the minute.")
    ]


class ApiTokenWithSecret(ApiToken):
    """A new API token with its secret, which is shown only once."""

    token: str
