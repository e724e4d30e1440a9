"""Incremental sync: one page of changes, and the sync token to continue with.

A sync token encodes the position in the change log up to which a client has the changes. It is
valid only for its workspace and filter.
"""

from collections.abc import Sequence
from dataclasses import astuple
from typing import NamedTuple

from taskstead.db.database import LongReader
from taskstead.domain.filters.nodes import FilterWarning, FlagCondition
from taskstead.domain.filters.parser import parse_filter
from taskstead.domain.filters.tree import list_conditions
from taskstead.entities.tasks import TASK
from taskstead.errors import FieldError, ValidationFailedError
from taskstead.formats.cursor import CursorCodec, decode_id, decode_integer, decode_text
from taskstead.queries.history.sync import SYNCED_KINDS, SyncPage, SyncPosition, read_sync_page
from taskstead.queries.tasks.filters import load_conditions
from taskstead.queries.tasks.listing import list_matching_ids
from taskstead.schemas.tasks.filters import TaskFilter
from taskstead.services.context import ReadContext
from taskstead.services.filters import read_warnings

_INVALID = (
    "This sync token is invalid or belongs to another workspace or filter. Repeat the request "
    "without `since` to sync from the beginning."
)


class SyncedChanges(NamedTuple):
    """One page of changes.

    Attributes:
        page: the changes.
        next_token: the token of the next page.
        warnings: the names in the filter that do not exist.
    """

    page: SyncPage
    next_token: str
    warnings: Sequence[FilterWarning] = ()


async def read_changes(
    ctx: ReadContext, token: str | None, *, limit: int, task_filter: str | None = None
) -> SyncedChanges:
    """Return the changes after a sync token; without a token, the first page of the workspace.

    Args:
        ctx: the context of the request.
        token: the token of the previous page.
        limit: maximum number of rows (initial sync) or changes.
        task_filter: a text in the filter language. Only tasks that match it now are returned. Other
            changed tasks are listed as unmatched.

    Raises:
        ValidationFailedError: the token is invalid or belongs to another workspace or filter, or
            the filter contains a condition that changes of other tasks affect.
        ResyncNeededError: the token is not in the change log, or its changes were deleted.
    """
    _check_conditions(task_filter)
    tokens = _make_codec(ctx.principal.workspace_id, task_filter)
    position = None if token is None else _decode_token(tokens, token)
    is_initial = position is None or bool(position.kind)

    async def read(reader: LongReader) -> SyncPage:
        page = await read_sync_page(
            reader,
            workspace_id=ctx.principal.workspace_id,
            user_id=ctx.principal.user_id,
            position=position,
            revision=ctx.principal.revision or 0,
            limit=limit,
        )
        if task_filter:
            await _filter_tasks(ctx, reader, page, task_filter, is_initial=is_initial)
        return page

    # The log is read from the primary database. The revision in a token from the replica could be
    # higher than the primary's.
    page = await (ctx.read_content(read) if is_initial else read(ctx.database))
    warnings = await read_warnings(ctx, task_filter)
    return SyncedChanges(page, tokens.encode(astuple(page.position)), warnings)


def _check_conditions(task_filter: str | None) -> None:
    """Check that only changes of a task itself affect whether it matches.

    Raises:
        ValidationFailedError: the filter contains ``has:subtasks`` or ``no:subtasks``.
    """
    errors = [
        FieldError(
            "query/filter",
            "Sync does not support has:subtasks and no:subtasks, because other tasks affect them. "
            "Remove the condition, and evaluate it in the client.",
            "not_in_sync",
            condition.start,
            condition.end,
        )
        for condition in list_conditions(parse_filter(task_filter or "").node)
        if isinstance(condition, FlagCondition) and condition.word == "subtasks"
    ]
    if errors:
        raise ValidationFailedError(errors[0].message, errors=errors)


async def _filter_tasks(
    ctx: ReadContext, reader: LongReader, page: SyncPage, task_filter: str, *, is_initial: bool
) -> None:
    """Remove the tasks that do not match the filter from a page.

    After the initial sync, a client may have them from an earlier page. They are then listed as
    unmatched.
    """
    rows = page.get_rows(TASK)
    ids = [row["id"] for row in rows]
    parameters = TaskFilter(filter=task_filter)
    conditions = await load_conditions(reader, ctx.principal, parameters, ctx.now)
    matching = await list_matching_ids(reader, conditions, ids)
    page.entities[TASK.kind] = [row for row in rows if row["id"] in matching]
    if not is_initial:
        page.unmatched = [id_ for id_ in ids if id_ not in matching]


def _decode_token(tokens: CursorCodec, token: str) -> SyncPosition:
    """Return the position in a sync token.

    Raises:
        ValidationFailedError: the token is invalid or belongs to another workspace or filter.
    """
    position = SyncPosition(*tokens.decode(token))
    if position.kind and position.kind not in SYNCED_KINDS:
        raise tokens.build_error()
    return position


def _make_codec(workspace_id: str, task_filter: str | None) -> CursorCodec:
    """Return the codec of the sync tokens of one workspace and filter."""
    name = f"changes of {workspace_id}"
    return CursorCodec(
        f"{name} {task_filter}" if task_filter else name,
        *(decode_integer, decode_text, decode_text, decode_id),
        parameter="since",
        message=_INVALID,
    )
