"""The common parameters of the change log and audit log listings: a time range and a page."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from taskstead.schemas.dates import DayOrMoment
from taskstead.schemas.tasks.listing import DEFAULT_LIMIT, PageLimit
from taskstead.schemas.text import TimeZone


class LogListing(BaseModel):
    """A time range and a page. Unknown parameters are rejected."""

    model_config = ConfigDict(extra="forbid")

    since: Annotated[DayOrMoment | None, Field(description="On or after this day or moment.")] = (
        None
    )
    until: Annotated[DayOrMoment | None, Field(description="On or before this day or moment.")] = (
        None
    )
    time_zone: Annotated[
        TimeZone | None,
        Field(
            description="The time zone in which days begin and end. Default: the time zone of your "
            "profile."
        ),
    ] = None
    limit: PageLimit = DEFAULT_LIMIT
    cursor: Annotated[
        str | None,
        Field(
            max_length=2000,
            description="The `next_cursor` of the previous page. The filter must be the same. Do "
            "not parse it.",
        ),
    ] = None
