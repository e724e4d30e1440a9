"""Schemas of the trash."""

from typing import Annotated

from pydantic import Field

from taskstead.schemas.base import Output


class TrashEmptied(Output):
    """The result of emptying the trash."""

    purged: Annotated[int, Field(description="The number of permanently deleted tasks.")]
