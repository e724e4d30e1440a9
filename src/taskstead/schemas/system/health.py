"""Schemas of health checks."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from taskstead.schemas.base import Output


class Migrations(Output):
    """The migration revision of the database, and the one that the server requires."""

    current: str | None
    needed: str


class Health(Output):
    """The health of the server and of its dependencies."""

    status: Annotated[
        Literal["ok", "degraded", "stopping", "unavailable"],
        Field(
            description="`ok` and `degraded` (Redis or the replica is unavailable) have status "
            "200. `stopping`: the server is draining and should get no new requests."
        ),
    ]
    reason: Annotated[
        str | None, Field(description="Why the database is unavailable; null if it is available.")
    ]
    version: str
    timestamp: datetime
    checked_at: Annotated[
        datetime,
        Field(
            description="The time of the database check. If the database is slow, the time of the "
            "last successful check, at most 5 seconds ago."
        ),
    ]
    database: Literal["ok", "unavailable"]
    database_engine: Literal["sqlite", "postgresql"]
    migrations: Migrations
    replica: Annotated[
        Literal["ok", "unavailable"] | None,
        Field(
            description="Null if not configured. If unavailable, reads use the primary database."
        ),
    ]
    redis: Annotated[
        Literal["ok", "unavailable"] | None,
        Field(
            description="Null if not configured. If unavailable, the server continues without it."
        ),
    ]


class Liveness(Output):
    """The process is alive."""

    status: Literal["ok"]
