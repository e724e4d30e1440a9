"""Checks of filters: spans, errors, and warnings about names that do not exist."""

from collections.abc import Sequence
from typing import NamedTuple

from taskstead.db.database import LongReader
from taskstead.domain.filters.errors import FilterError
from taskstead.domain.filters.nodes import FilterWarning, Span
from taskstead.domain.filters.parser import parse_filter
from taskstead.errors import FieldError, ValidationFailedError
from taskstead.queries.tasks.filter_names import (
    find_members,
    list_unknown_names,
    list_warnings,
    suggest_names,
)
from taskstead.services.context import ReadContext, WriteContext

_MAX_ERRORS = 100
_ADVICE = "Correct it, or send `allow_unknown`."


class FilterCheck(NamedTuple):
    """The result of a check.

    Attributes:
        spans: the operators and conditions; with an error, those before it.
        error: the error, if the text is not a filter.
        warnings: the names that do not exist. Without them if there is an error.
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
    return FilterCheck(spans, None, await read_warnings(ctx, text))


async def read_warnings(ctx: ReadContext, text: str | None) -> list[FilterWarning]:
    """Return the warnings about names that do not exist; none without a filter."""
    if not text:
        return []
    # Members are read from the primary database, because the change log does not contain them.
    members = await find_members(ctx.database, ctx.principal, text)

    async def read(reader: LongReader) -> list[FilterWarning]:
        return await list_warnings(reader, ctx.principal.workspace_id, text, members)

    return await ctx.read_content(read)


async def check_names(ctx: WriteContext, text: str | None, pointer: str) -> None:
    """Check that all names in a filter for a write exist.

    The negation of a condition on an unknown name matches every task.

    Args:
        ctx: the context of the request.
        text: the filter, if any.
        pointer: the JSON pointer of the filter in the request.

    Raises:
        ValidationFailedError: with the position of each unknown name, and similar names.
    """
    workspace_id = ctx.principal.workspace_id
    members = await find_members(ctx.database, ctx.principal, text)
    unknown = await list_unknown_names(ctx.database, workspace_id, text, members)
    if not unknown:
        return
    reported = unknown[:_MAX_ERRORS]
    suggestions = await suggest_names(ctx.database, workspace_id, reported)
    errors = [
        FieldError(
            pointer,
            f"{each.warning.message} {_ADVICE}",
            each.warning.code,
            each.warning.start,
            each.warning.end,
            suggested,
        )
        for each, suggested in zip(reported, suggestions, strict=True)
    ]
    raise ValidationFailedError(errors[0].message, errors=errors)
