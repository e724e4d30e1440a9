"""The task filter, used by listings, statistics, exports and bulk processing."""

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

from taskstead.domain.filters.errors import FilterError
from taskstead.domain.filters.parser import MAX_LENGTH, parse_filter
from taskstead.domain.filters.tree import mentions_trash
from taskstead.errors import TextPosition
from taskstead.ids import parse_id, parse_number
from taskstead.schemas.dates import DayOrMoment
from taskstead.schemas.tasks.tasks import Status
from taskstead.schemas.text import CategoryToFind, StorableText, TagToFind, TimeZone

MAX_VALUES = 100


def _check_parent(text: str) -> str:
    if text == "none" or parse_number(text) is not None:
        return text
    try:
        return parse_id(text)
    except ValueError:
        code = "task_reference"
        raise PydanticCustomError(code, "Input should be a task's id or number, or none") from None


def _check_assignee(text: str) -> str:
    if text in ("me", "none"):
        return text
    try:
        return parse_id(text)
    except ValueError:
        code = "user_reference"
        raise PydanticCustomError(code, "Input should be a user's id, me or none") from None


def _check_filter(text: str) -> str:
    try:
        parse_filter(text)
    except FilterError as error:
        position = TextPosition(error.start, error.end, error.expected)
        context = {"message": error.message, "position": position}
        raise PydanticCustomError(error.code, "{message}", context) from None
    return text


def _make_list_field(description: str, *examples: str | int) -> Any:
    return Field(max_length=MAX_VALUES, description=description, examples=[list(examples)])


_REFERENCE_LENGTH = StringConstraints(max_length=50)
SearchText = Annotated[str, StringConstraints(max_length=500)]
FilterText = Annotated[
    StorableText,
    Field(json_schema_extra={"maxLength": MAX_LENGTH}),
    AfterValidator(_check_filter),
]
"""A text in the filter language. Its errors have positions; see ``TextPosition``."""
TrashFilter = Literal["exclude", "only", "include"]


class TaskFilter(BaseModel):
    """A task filter. A task matches if it meets all of its fields. Unknown fields are rejected."""

    model_config = ConfigDict(extra="forbid")

    filter: Annotated[
        FilterText | None,
        Field(
            description="A filter in the filter language. It is combined with the other parameters "
            "by and.",
            examples=["(overdue or today) #Household not @errand"],
        ),
    ] = None
    status: Annotated[
        list[Status], _make_list_field("One of these statuses.", "todo", "in_progress")
    ] = []
    completed: Annotated[
        bool | None,
        Field(description="True: status `done`. False: any other status.", examples=[False]),
    ] = None
    priority: Annotated[
        list[Annotated[int, Field(ge=1, le=5)]],
        _make_list_field("One of these priorities; 1 is the highest.", 1, 2),
    ] = []
    priority_min: Annotated[
        int | None,
        Field(ge=1, le=5, description="The lowest matching priority number.", examples=[2]),
    ] = None
    priority_max: Annotated[
        int | None,
        Field(ge=1, le=5, description="The highest matching priority number.", examples=[3]),
    ] = None
    category: Annotated[
        list[CategoryToFind],
        _make_list_field("In one of these categories, by name (ignoring case) or id.", "Household"),
    ] = []
    no_category: Annotated[
        bool | None, Field(description="Without a category.", examples=[True])
    ] = None
    tag: Annotated[
        list[TagToFind], _make_list_field("With all of these tags, by name.", "errand")
    ] = []
    tag_any: Annotated[
        list[TagToFind],
        _make_list_field("With at least one of these tags, by name.", "errand", "home"),
    ] = []
    no_tag: Annotated[bool | None, Field(description="Without any tag.", examples=[True])] = None
    due_before: Annotated[
        DayOrMoment | None,
        Field(description="Due earlier than this day or moment.", examples=["tomorrow"]),
    ] = None
    due_after: Annotated[
        DayOrMoment | None,
        Field(description="Due later than this day or moment.", examples=["2026-12-01"]),
    ] = None
    due_on: Annotated[
        DayOrMoment | None,
        Field(description="Due on this day or at this moment.", examples=["today"]),
    ] = None
    overdue: Annotated[
        bool | None,
        Field(description="To do or in progress, with a due date in the past.", examples=[True]),
    ] = None
    no_due_date: Annotated[
        bool | None, Field(description="Without a due date.", examples=[True])
    ] = None
    created_before: Annotated[
        DayOrMoment | None,
        Field(description="Created earlier than this day or moment.", examples=["2026-12-01"]),
    ] = None
    created_after: Annotated[
        DayOrMoment | None,
        Field(description="Created later than this day or moment.", examples=["yesterday"]),
    ] = None
    updated_before: Annotated[
        DayOrMoment | None,
        Field(description="Updated earlier than this day or moment.", examples=["today"]),
    ] = None
    updated_after: Annotated[
        DayOrMoment | None,
        Field(
            description="Updated later than this day or moment.", examples=["2026-12-01T09:00:00Z"]
        ),
    ] = None
    completed_before: Annotated[
        DayOrMoment | None,
        Field(description="Completed earlier than this day or moment.", examples=["2026-12-01"]),
    ] = None
    completed_after: Annotated[
        DayOrMoment | None,
        Field(description="Completed later than this day or moment.", examples=["2026-11-30"]),
    ] = None
    parent: Annotated[
        Annotated[str, _REFERENCE_LENGTH, AfterValidator(_check_parent)] | None,
        Field(
            description="Direct sub-tasks of this task, by id or number. `none`: top-level tasks.",
            examples=["42"],
        ),
    ] = None
    assignee: Annotated[
        Annotated[str, _REFERENCE_LENGTH, AfterValidator(_check_assignee)] | None,
        Field(description="A user's id, `me`, or `none`.", examples=["me"]),
    ] = None
    q: Annotated[
        SearchText | None,
        Field(
            description='Search words, `"a phrase"`, `-excluded` or `prefix*`.',
            examples=['milk "to buy" -oat'],
        ),
    ] = None
    deleted: Annotated[
        TrashFilter,
        Field(description="Whether to exclude, include or only return tasks in the trash."),
    ] = "exclude"
    time_zone: Annotated[
        TimeZone | None,
        Field(
            description="The time zone in which days begin and end. Default: the time zone of your "
            "profile.",
            examples=["Europe/Berlin"],
        ),
    ] = None

    @property
    def effective_trash(self) -> TrashFilter:
        """Whether to find tasks in the trash.

        The default does not exclude them if the text of the filter contains ``is:trashed``.
        """
        is_default = "deleted" not in self.model_fields_set
        if is_default and self.filter and mentions_trash(parse_filter(self.filter).node):
            return "include"
        return self.deleted

    @field_validator("status", "priority", "category", "tag", "tag_any")
    @classmethod
    def _sort_values(cls, values: list[Any]) -> list[Any]:
        # Filters with the same values in another order then share a cache entry.
        return sorted(set(values))
