"""Tags on the wire."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import ConfigDict, Field

from taskstead.db.statements import Row
from taskstead.schemas.base import Input, Output, drop_defaults
from taskstead.schemas.text import Colour, TagName, Uuid


class TagCreate(Input):
    """A new tag."""

    name: TagName
    colour: Annotated[Colour | None, Field(description="As `#rrggbb`.")] = None


class TagPatch(Input):
    """Changes to a tag: only what is named changes. A new name shows on all its tasks."""

    model_config = ConfigDict(json_schema_extra=drop_defaults)

    name: TagName = ""
    colour: Annotated[Colour | None, Field(description="As `#rrggbb`.")] = None


class TagMerge(Input):
    """Which tag is to take over the tasks of this one."""

    into: Annotated[Uuid, Field(description="The id of the tag that remains.")]


class Tag(Output):
    """A tag."""

    id: str
    name: str
    colour: str | None
    revision: int
    created_at: datetime
    updated_at: datetime


class CountedTag(Tag):
    """A tag in a list, with the counts of its tasks."""

    task_count: Annotated[int, Field(description="Tasks that are not in the trash.")]
    open_task_count: Annotated[int, Field(description="Of these, those to do or in progress.")]


def render_tag(row: Row) -> dict[str, Any]:
    """Return the JSON data of a row of ``queries.tags``, shaped as :class:`Tag`."""
    return {
        "id": row["id"],
        "name": row["name"],
        "colour": row["colour"],
        "revision": row["revision"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
    }


def render_counted_tag(row: Row) -> dict[str, Any]:
    """Return the JSON data of a row of ``list_tags``, shaped as :class:`CountedTag`."""
    return {
        **render_tag(row),
        "task_count": row["task_count"],
        "open_task_count": row["open_task_count"],
    }
