"""What all lists of a log take: a time, and a page."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from taskstead.schemas.listing import DEFAULT_LIMIT, PageLimit
from taskstead.schemas.moments import Moment
from taskstead.schemas.text import TimeZone


class LogListing(BaseModel):
    """When, and a page of it. Unknown parameters are refused."""

    model_config = ConfigDict(extra="forbid")

    since: Annotated[Moment | None, Field(description="On this day, at this moment or later.")] = (
        None
    )
    until: Annotated[
        Moment | None, Field(description="On this day, at this moment or earlier.")
    ] = None
    time_zone: Annotated[
        TimeZone | None,
        Field(description="Where days begin and end; left out: the zone of the profile."),
    ] = None
    limit: PageLimit = DEFAULT_LIMIT
    cursor: Annotated[
        str | None,
        Field(
            max_length=2000,
            description="The `next_cursor` of the page before, same filter; opaque.",
        ),
    ] = None
