"""Schemas of categories."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from taskstead.schemas.base import UNSENT, Input, Output, Patch
from taskstead.schemas.text import CategoryName, ChosenId, Color

Position = Annotated[
    int,
    Field(
        ge=0, le=2**31 - 1, description="The sort position. Lists are sorted in ascending order."
    ),
]


class CategoryCreate(Input):
    """A new category."""

    id: ChosenId = None
    name: CategoryName
    color: Annotated[Color | None, Field(description="The color as `#rrggbb`.")] = None
    position: Annotated[Position | None, Field(description="Default: last.")] = None
    archived: bool = False


class CategoryPatch(Patch):
    """Changes to a category. Omitted fields keep their values."""

    name: CategoryName = UNSENT
    color: Annotated[Color | None, Field(description="The color as `#rrggbb`.")] = None
    position: Position = UNSENT
    archived: bool = UNSENT

    def list_values(self) -> dict[str, Any]:
        """Return the values of the columns to change, by name."""
        values = super().list_values()
        if "archived" in values:
            values["is_archived"] = values.pop("archived")
        return values


class Category(Output):
    """A category."""

    id: str
    name: str
    color: str | None
    position: int
    archived: bool
    revision: int
    created_at: datetime
    updated_at: datetime


class CountedCategory(Category):
    """A category in a list, with its task counts."""

    task_count: Annotated[int, Field(description="The number of tasks outside the trash.")]
    open_task_count: Annotated[
        int, Field(description="The number of these that are to do or in progress.")
    ]
