"""Schemas of categories."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import ConfigDict, Field

from taskstead.db.query import AnyRow as Row
from taskstead.schemas.base import Input, Output, drop_defaults
from taskstead.schemas.text import CategoryName, Color

Position = Annotated[
    int,
    Field(
        ge=0, le=2**31 - 1, description="The sort position. Lists are sorted in ascending order."
    ),
]


class CategoryCreate(Input):
    """A new category."""

    name: CategoryName
    color: Annotated[Color | None, Field(description="The color as `#rrggbb`.")] = None
    position: Annotated[Position | None, Field(description="Default: last.")] = None
    archived: bool = False


class CategoryPatch(Input):
    """Changes to a category. Omitted fields keep their values."""

    model_config = ConfigDict(json_schema_extra=drop_defaults)

    name: CategoryName = ""
    color: Annotated[Color | None, Field(description="The color as `#rrggbb`.")] = None
    position: Position = 0
    archived: bool = False


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


def render_category(row: Row) -> dict[str, Any]:
    """Return a row of ``queries.categories`` as JSON data of :class:`Category`."""
    return {
        "id": row["id"],
        "name": row["name"],
        "color": row["color"],
        "position": row["position"],
        "archived": row["is_archived"],
        "revision": row["revision"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
    }


def render_counted_category(row: Row) -> dict[str, Any]:
    """Return a row of ``list_categories`` as JSON data of :class:`CountedCategory`."""
    return {
        **render_category(row),
        "task_count": row["task_count"],
        "open_task_count": row["open_task_count"],
    }
