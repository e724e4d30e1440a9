"""The server's state on the wire."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from taskstead.schemas.base import Output


class Migrations(Output):
    """Which revision the database has, and which this version needs."""

    current: str | None
    needed: str


class Health(Output):
    """Whether the server can serve, and what it depends on."""

    status: Annotated[
        Literal["ok", "degraded", "stopping", "unavailable"],
        Field(
            description="`ok` and `degraded` (it serves, without Redis or replica) come with "
            "200. `stopping`: it serves what comes, and more is to go elsewhere."
        ),
    ]
    reason: Annotated[
        str | None, Field(description="Why the database is unavailable; null while it is not.")
    ]
    version: str
    timestamp: datetime
    checked_at: Annotated[
        datetime,
        Field(
            description="When the database was asked. If it is slow to answer, this is the time "
            "of its last good answer, up to 5 seconds ago."
        ),
    ]
    database: Literal["ok", "unavailable"]
    database_engine: Literal["sqlite", "postgresql"]
    migrations: Migrations
    replica: Annotated[
        Literal["ok", "unavailable"] | None,
        Field(description="None where the server has none. Without it, the database is read."),
    ]
    redis: Annotated[
        Literal["ok", "unavailable"] | None,
        Field(description="None where the server has none. Without it, it serves on."),
    ]


class Liveness(Output):
    """The process answers."""

    status: Literal["ok"]
