"""The parameters of a task listing: filter, sort order, page and fields."""

from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from taskstead.domain.sorting import MAX_SORT_KEYS, SORT_KEYS, parse_sort
from taskstead.domain.task_fields import FIELDS, parse_fields
from taskstead.schemas.base import Page, drop_defaults
from taskstead.schemas.filters import FilterWarnings
from taskstead.schemas.tasks.filters import TaskFilter
from taskstead.schemas.tasks.tasks import TaskListed, TaskSelected

MAX_LIMIT = 200
DEFAULT_LIMIT = 50
PageLimit = Annotated[int, Field(ge=1, le=MAX_LIMIT, description="The maximum number of items.")]


def _check_sort(text: str) -> str:
    try:
        parse_sort(text)
    except ValueError:
        code = "sort"
        raise PydanticCustomError(
            code,
            "Input should be up to {most} comma-separated sort keys, with the prefix - for "
            "descending order. The keys are: {keys}",
            {"most": MAX_SORT_KEYS, "keys": ", ".join(SORT_KEYS)},
        ) from None
    return text


def _check_fields(text: str) -> str:
    try:
        parse_fields(text)
    except ValueError:
        code = "fields"
        raise PydanticCustomError(
            code,
            "Input should be comma-separated field names, summary or all. The fields are: {fields}",
            {"fields": ", ".join(FIELDS)},
        ) from None
    return text


FieldNames = Annotated[str, Field(max_length=500), AfterValidator(_check_fields)]


class TaskListing(TaskFilter):
    """The parameters of a task listing."""

    sort: Annotated[
        Annotated[str, Field(max_length=200), AfterValidator(_check_sort)] | None,
        Field(
            description=f"A comma-separated list of {', '.join(SORT_KEYS)}. The prefix `-` means "
            "descending order. Tasks without a value for a key come last. Default: newest first, "
            "or with `q`, most relevant first.",
            examples=["-priority,due_date,title"],
        ),
    ] = None
    limit: PageLimit = DEFAULT_LIMIT
    cursor: Annotated[
        str | None,
        Field(
            max_length=4000,
            description="The `next_cursor` of the previous page. The filter and the sort order "
            "must be the same as for that page.",
        ),
    ] = None
    fields: Annotated[
        FieldNames | None,
        Field(
            description="Comma-separated field names, `summary` for a short list of fields, or "
            "`all`. Default: all fields except the description.",
            examples=["id,title,completed"],
        ),
    ] = None
    include_total: Annotated[
        bool, Field(description="Also return the number of all matching tasks as `total`.")
    ] = False

    @property
    def effective_sort(self) -> str:
        """The requested sort order, or the default."""
        return self.sort or ("-number" if self.q is None else "relevance,-number")

    @model_validator(mode="after")
    def _check_relevance(self) -> "TaskListing":
        if self.q is None and self.sort is not None and "relevance" in self.sort:
            code = "relevance_without_search"
            raise PydanticCustomError(code, "Sorting by relevance requires a search (q)")
        return self


class TaskPage(Page[TaskListed]):
    """A page of tasks."""

    model_config = ConfigDict(json_schema_extra=drop_defaults)

    total: Annotated[
        int, Field(description="The number of all matching tasks; only with `include_total`.")
    ] = 0
    warnings: FilterWarnings


class TaskSelection(Page[TaskSelected]):
    """A page of tasks with the requested fields."""

    model_config = ConfigDict(json_schema_extra=drop_defaults)

    total: Annotated[
        int, Field(description="The number of all matching tasks; only with `include_total`.")
    ] = 0
    warnings: FilterWarnings
