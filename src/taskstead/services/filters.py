"""Check of a filter while it is typed: spans, errors and warnings."""

from collections.abc import Sequence
from typing import NamedTuple

from taskstead.db.database import LongReader
from taskstead.domain.filters.errors import FilterError
from taskstead.domain.filters.nodes import FilterWarning, Span
from taskstead.domain.filters.parser import parse_filter
from taskstead.queries.tasks.filter_names import find_members, list_warnings
from taskstead.services.context import ReadContext


class FilterCheck(NamedTuple):
    """The result of a check.

    Attributes:
        spans: the operators and conditions; with an error, those before it.
        error: the error, if the text is not a filter.
        warnings: the conditions that match no task. Without them if there is an error.
    """

    spans: Sequence[Span]
    error: FilterError | None
    warnings: Sequence[FilterWarning]


async def check_filter(ctx: ReadContext, text: str) -> FilterCheck:
    """Check a text in the filter language."""
    try:
        spans = parse_filter(text).spans
    except FilterError as error:
        return FilterCheck(error.spans, error, ())
    workspace_id = ctx.principal.workspace_id
    members = await find_members(ctx.database, workspace_id, text)

    async def read_warnings(reader: LongReader) -> list[FilterWarning]:
        return await list_warnings(reader, workspace_id, text, members)

    return FilterCheck(spans, None, await ctx.read_content(read_warnings))
