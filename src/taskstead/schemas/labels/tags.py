"""Schemas of tags."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from taskstead.schemas.base import UNSENT, Input, Output, Patch
from taskstead.schemas.text import ChosenId, Color, TagName, Uuid


class TagCreate(Input):
    """A new tag."""

    id: ChosenId = None
    name: TagName
    color: Annotated[Color | None, Field(description="The color as `#rrggbb`.")] = None


class TagPatch(Patch):
    """Changes to a tag. Omitted fields keep their values."""

    name: TagName = UNSENT
    color: Annotated[Color | None, Field(description="The color as `#rrggbb`.")] = None


class TagMerge(Input):
    """The target of a merge."""

    into: Annotated[Uuid, Field(description="The id of the tag that remains.")]


class Tag(Output):
    """A tag."""

    id: str
    name: str
    color: str | None
    revision: int
    created_at: datetime
    updated_at: datetime


class CountedTag(Tag):
    """A tag in a list, with its task counts."""

    task_count: Annotated[int, Field(description="The number of tasks outside the trash.")]
    open_task_count: Annotated[
        int, Field(description="The number of these that are to do or in progress.")
    ]
