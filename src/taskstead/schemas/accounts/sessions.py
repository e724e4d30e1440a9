"""Schemas of sessions."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from taskstead.schemas.base import Output


class Session(Output):
    """A session of yours."""

    id: str
    current: Annotated[bool, Field(description="Whether this request belongs to the session.")]
    kind: Annotated[
        Literal["cookie", "token"],
        Field(description="`cookie` for the web app, `token` for other clients."),
    ]
    method: Annotated[Literal["password"], Field(description="How you logged in.")]
    client: Annotated[
        str | None,
        Field(description="The browser or program, from its `User-Agent`: `Firefox 128 on Linux`."),
    ]
    address: Annotated[str | None, Field(description="The IP address at the login.")]
    created_at: datetime
    last_used_at: Annotated[
        datetime | None, Field(description="The time of the last use, to five minutes.")
    ]
    expires_at: Annotated[
        datetime, Field(description="The time at which the session ends if it is not used.")
    ]
