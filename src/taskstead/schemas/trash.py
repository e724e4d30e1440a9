"""The trash on the wire."""

from typing import Annotated

from pydantic import Field

from taskstead.schemas.base import Output


class TrashEmptied(Output):
    """What emptying the trash did."""

    purged: Annotated[int, Field(description="How many tasks were deleted for good.")]
