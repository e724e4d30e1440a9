"""What tasks can be filtered by: the same for listings, statistics, exports and bulk processing."""

from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
)
from pydantic_core import PydanticCustomError

from taskstead.ids import parse_id
from taskstead.schemas.moments import Moment
from taskstead.schemas.tasks import Status
from taskstead.schemas.text import CategoryToFind, TagToFind, TimeZone, parse_number

MAX_VALUES = 100


def _check_parent(text: str) -> str:
    if text == "none" or parse_number(text) is not None:
        return text
    try:
        return parse_id(text)
    except ValueError:
        code = "task_reference"
        raise PydanticCustomError(code, "A task's id or number, or none, is needed") from None


def _check_assignee(text: str) -> str:
    if text in ("me", "none"):
        return text
    try:
        return parse_id(text)
    except ValueError:
        code = "user_reference"
        raise PydanticCustomError(code, "A user's id, or me, or none, is needed") from None


def _values(description: str, *example: str | int) -> Any:
    return Field(max_length=MAX_VALUES, description=description, examples=[list(example)])


Reference = StringConstraints(max_length=50)
Search = Annotated[str, StringConstraints(max_length=500)]
Deleted = Literal["exclude", "only", "include"]


class TaskFilter(BaseModel):
    """Which tasks: all conditions that are given have to hold. Unknown ones are refused."""

    model_config = ConfigDict(extra="forbid")

    status: Annotated[list[Status], _values("One of these.", "todo", "in_progress")] = []
    completed: Annotated[
        bool | None, Field(description="Status `done`, or any other.", examples=[False])
    ] = None
    priority: Annotated[
        list[Annotated[int, Field(ge=1, le=5)]], _values("One of these; 1 is the highest.", 1, 2)
    ] = []
    priority_min: Annotated[
        int | None, Field(ge=1, le=5, description="This number or more.", examples=[2])
    ] = None
    priority_max: Annotated[
        int | None, Field(ge=1, le=5, description="This number or less.", examples=[3])
    ] = None
    category: Annotated[
        list[CategoryToFind],
        _values("Filed under one of these, by name (in any case) or id.", "Household"),
    ] = []
    no_category: Annotated[bool | None, Field(description="Filed under none.", examples=[True])] = (
        None
    )
    tag: Annotated[list[TagToFind], _values("With all of these tags, by name.", "errand")] = []
    tag_any: Annotated[
        list[TagToFind], _values("With one of these tags, by name.", "errand", "home")
    ] = []
    no_tag: Annotated[bool | None, Field(description="Without any tag.", examples=[True])] = None
    due_before: Annotated[
        Moment | None,
        Field(description="Due earlier than this day or moment.", examples=["tomorrow"]),
    ] = None
    due_after: Annotated[
        Moment | None,
        Field(description="Due later than this day or moment.", examples=["2026-12-01"]),
    ] = None
    due_on: Annotated[
        Moment | None, Field(description="Due on this day or at this moment.", examples=["today"])
    ] = None
    overdue: Annotated[
        bool | None,
        Field(description="To do or in progress, and the due date has passed.", examples=[True]),
    ] = None
    no_due_date: Annotated[
        bool | None, Field(description="Without a due date.", examples=[True])
    ] = None
    created_before: Annotated[
        Moment | None,
        Field(description="Created earlier than this day or moment.", examples=["2026-12-01"]),
    ] = None
    created_after: Annotated[
        Moment | None,
        Field(description="Created later than this day or moment.", examples=["yesterday"]),
    ] = None
    updated_before: Annotated[
        Moment | None,
        Field(description="Updated earlier than this day or moment.", examples=["today"]),
    ] = None
    updated_after: Annotated[
        Moment | None,
        Field(
            description="Updated later than this day or moment.", examples=["2026-12-01T09:00:00Z"]
        ),
    ] = None
    completed_before: Annotated[
        Moment | None,
        Field(description="Completed earlier than this day or moment.", examples=["2026-12-01"]),
    ] = None
    completed_after: Annotated[
        Moment | None,
        Field(description="Completed later than this day or moment.", examples=["2026-11-30"]),
    ] = None
    parent: Annotated[
        Annotated[str, Reference, AfterValidator(_check_parent)] | None,
        Field(
            description="Directly below this task, by id or number; `none`: at the top.",
            examples=["42"],
        ),
    ] = None
    assignee: Annotated[
        Annotated[str, Reference, AfterValidator(_check_assignee)] | None,
        Field(description="A user's id, `me`, or `none`.", examples=["me"]),
    ] = None
    q: Annotated[
        Search | None,
        Field(
            description='Words to search for; `"a phrase"`, `-without`, `begin*`.',
            examples=['milk "to buy" -oat'],
        ),
    ] = None
    deleted: Annotated[Deleted, Field(description="What of the trash to show.")] = "exclude"
    time_zone: Annotated[
        TimeZone | None,
        Field(
            description="Where days begin and end; left out: the zone of the profile.",
            examples=["Europe/Berlin"],
        ),
    ] = None

    @field_validator("status", "priority", "category", "tag", "tag_any")
    @classmethod
    def _put_in_order(cls, values: list[Any]) -> list[Any]:
        # Their order means nothing: filters that mean the same look the same, and share an answer.
        return sorted(set(values))
