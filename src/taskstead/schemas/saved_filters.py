"""Schemas of saved filters."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from taskstead.domain.sorting import MAX_SORT_KEYS, SORT_KEYS, parse_sort
from taskstead.schemas.base import UNSENT, Input, Output, Patch, drop_defaults
from taskstead.schemas.tasks.filters import FilterText
from taskstead.schemas.text import Color, Label, Uuid

# A saved filter has no parameter `q`, without which there is no relevance.
_SORT_KEYS = tuple(key for key in SORT_KEYS if key != "relevance")


def _check_sort(text: str) -> str:
    try:
        keys = parse_sort(text)
    except ValueError:
        keys = ()
    if not keys or any(key.name not in _SORT_KEYS for key in keys):
        code = "sort"
        raise PydanticCustomError(
            code,
            "Input should be up to {most} comma-separated sort keys, with the prefix - for "
            "descending order. The keys are: {keys}",
            {"most": MAX_SORT_KEYS, "keys": ", ".join(_SORT_KEYS)},
        )
    return text


GroupBy = Annotated[
    Literal["none", "due_date", "priority", "category", "tag", "status", "assignee"],
    Field(description="By what a client groups the tasks."),
]
_Filter = Annotated[
    FilterText,
    Field(
        description="A text in the filter language. It is parsed each time it is used, so `today` "
        "and `me` depend on the reader.",
        examples=["(overdue or today) #Household"],
    ),
]
_Sort = Annotated[
    Annotated[str, Field(max_length=200), AfterValidator(_check_sort)] | None,
    Field(
        description="The `sort` of the task list; null for its default order.",
        examples=["priority,due_date"],
    ),
]
_FilterColor = Annotated[Color | None, Field(description="The color as `#rrggbb`.")]
_Shared = Annotated[
    bool, Field(description="False: visible to you only. True: visible to all members.")
]


def _describe_choice(schema: dict[str, Any]) -> None:
    drop_defaults(schema)
    schema |= {"minProperties": 1, "maxProperties": 1, "examples": [{"to": "start"}]}


class FilterPlace(Input):
    """A position in the manual order of saved filters: exactly one of the three fields."""

    model_config = ConfigDict(json_schema_extra=_describe_choice)

    before: Annotated[Uuid, Field(description="Directly before this filter, by id.")] = UNSENT
    after: Annotated[Uuid, Field(description="Directly after this filter, by id.")] = UNSENT
    to: Annotated[
        Literal["start", "end"], Field(description="Before or after all other filters.")
    ] = UNSENT

    @model_validator(mode="after")
    def _check_choice(self) -> Self:
        if len(self.model_fields_set) != 1:
            code = "one_place"
            raise PydanticCustomError(code, "Send exactly one of before, after and to")
        return self

    @property
    def reference(self) -> str | None:
        """The adjacent filter; None for the start or the end."""
        return self.before or self.after

    @property
    def is_before(self) -> bool:
        """Whether the position is before the adjacent filter, or at the start."""
        return "before" in self.model_fields_set or self.to == "start"


class SavedFilterCreate(Input):
    """A new saved filter."""

    id: Annotated[
        Uuid | None,
        Field(
            description="An id chosen by the client, preferably a UUIDv7. Default: created by the "
            "server."
        ),
    ] = None
    name: Label
    filter: _Filter
    sort: _Sort = None
    group_by: GroupBy = "none"
    color: _FilterColor = None
    shared: _Shared = False
    place: Annotated[FilterPlace | None, Field(description="Default: last.")] = None


class SavedFilterPatch(Patch):
    """Changes to a saved filter. Omitted fields keep their values."""

    name: Label = UNSENT
    filter: _Filter = UNSENT
    sort: _Sort = None
    group_by: GroupBy = UNSENT
    color: _FilterColor = None
    shared: Annotated[_Shared, Field(description="Only the owner can set it to false.")] = UNSENT
    place: Annotated[FilterPlace | None, Field(description="Default: unchanged.")] = None

    def list_values(self) -> dict[str, Any]:
        """Return the values of the columns to change, by name, and the place."""
        values = super().list_values()
        if "shared" in values:
            values["is_shared"] = values.pop("shared")
        return values


class SavedFilter(Output):
    """A saved filter."""

    id: str
    name: str
    filter: str
    sort: str | None
    group_by: GroupBy
    color: str | None
    position: Annotated[
        str, Field(description="The key of the manual order. Compare keys byte by byte.")
    ]
    shared: bool
    owner: Annotated[str, Field(description="The user who created it, by user id.")]
    revision: int
    created_at: datetime
    updated_at: datetime
