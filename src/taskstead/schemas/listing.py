"""The parameters of a listing of tasks: a filter, an order, a page, and which fields."""

from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from taskstead.schemas.base import Page, drop_defaults
from taskstead.schemas.filters import TaskFilter
from taskstead.schemas.sorting import SORT_KEYS, parse_sort
from taskstead.schemas.tasks import TaskListed, TaskSelected, parse_fields

MAX_LIMIT = 200
DEFAULT_LIMIT = 50
PageLimit = Annotated[int, Field(ge=1, le=MAX_LIMIT, description="How many at most.")]


def _check_sort(text: str) -> str:
    parse_sort(text)
    return text


def _check_fields(text: str) -> str:
    parse_fields(text)
    return text


FieldNames = Annotated[str, Field(max_length=500), AfterValidator(_check_fields)]


class TaskListing(TaskFilter):
    """Which tasks, in which order, and what of them."""

    sort: Annotated[
        Annotated[str, Field(max_length=200), AfterValidator(_check_sort)] | None,
        Field(
            description=f"One or more of {', '.join(SORT_KEYS)}, parted by commas; `-` before one "
            "reverses it. What has no value comes last. Left out: the newest first, or with `q` "
            "the most relevant first.",
            examples=["-priority,due_date,title"],
        ),
    ] = None
    limit: PageLimit = DEFAULT_LIMIT
    cursor: Annotated[
        str | None,
        Field(
            max_length=4000,
            description="The `next_cursor` of the page before, with the same filter and order.",
        ),
    ] = None
    fields: Annotated[
        FieldNames | None,
        Field(
            description="Names of fields, parted by commas, or `summary` for the lean row, or "
            "`all`. Left out: all but the description.",
            examples=["id,title,completed"],
        ),
    ] = None
    include_total: Annotated[
        bool, Field(description="Count all that match, as `total` beside the items.")
    ] = False

    @property
    def effective_sort(self) -> str:
        """The order, with the default filled in."""
        return self.sort or ("-number" if self.q is None else "relevance,-number")

    @model_validator(mode="after")
    def _check_relevance(self) -> "TaskListing":
        if self.q is None and self.sort is not None and "relevance" in self.sort:
            code = "relevance_without_search"
            raise PydanticCustomError(code, "sort by relevance needs a search, q")
        return self


class TaskPage(Page[TaskListed]):
    """A page of tasks."""

    model_config = ConfigDict(json_schema_extra=drop_defaults)

    total: Annotated[int, Field(description="All that match; only with `include_total`.")] = 0


class TaskSelection(Page[TaskSelected]):
    """A page of tasks with the fields that were asked for."""

    model_config = ConfigDict(json_schema_extra=drop_defaults)

    total: Annotated[int, Field(description="All that match; only with `include_total`.")] = 0
