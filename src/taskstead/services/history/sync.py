"""Incremental sync: one page of changes, and the sync token to continue with.

A sync token encodes the position in the change log up to which a client has the changes. It is
valid only for its workspace.
"""

from dataclasses import astuple
from functools import partial
from typing import NamedTuple

from taskstead.formats.cursor import CursorCodec, decode_id, decode_integer, decode_text
from taskstead.queries.history.sync import SYNCED_KINDS, SyncPage, SyncPosition, read_sync_page
from taskstead.services.context import ReadContext

_INVALID = (
    "This sync token is invalid or belongs to another workspace. Repeat the request without "
    "`since` to fetch the whole workspace."
)


class SyncedChanges(NamedTuple):
    """One page of changes, and the token of the next page."""

    page: SyncPage
    next_token: str


async def read_changes(ctx: ReadContext, token: str | None, *, limit: int) -> SyncedChanges:
    """Return the changes after a sync token; without a token, the first page of the workspace.

    Args:
        ctx: the context of the request.
        token: the token of the previous page.
        limit: maximum number of rows (initial sync) or changes.

    Raises:
        ValidationFailedError: the token is invalid or belongs to another workspace.
        ResyncNeededError: the token is not in the change log, or its changes were deleted.
    """
    workspace_id = ctx.principal.workspace_id
    position = None if token is None else _decode_token(workspace_id, token)
    read = partial(
        read_sync_page,
        workspace_id=workspace_id,
        position=position,
        revision=ctx.principal.revision or 0,
        limit=limit,
    )
    is_initial = position is None or position.kind
    # The log is read from the primary database. The revision in a token from the replica could be
    # higher than the primary's.
    page = await (ctx.read_content(read) if is_initial else read(ctx.database))
    return SyncedChanges(page, _encode_token(workspace_id, page.position))


def _decode_token(workspace_id: str, token: str) -> SyncPosition:
    """Return the position in a sync token.

    Raises:
        ValidationFailedError: the token is invalid or belongs to another workspace.
    """
    tokens = _make_codec(workspace_id)
    position = SyncPosition(*tokens.decode(token))
    if position.kind and position.kind not in SYNCED_KINDS:
        raise tokens.build_error()
    return position


def _encode_token(workspace_id: str, position: SyncPosition) -> str:
    """Return the sync token of a position."""
    return _make_codec(workspace_id).encode(astuple(position))


def _make_codec(workspace_id: str) -> CursorCodec:
    """Return the codec of the sync tokens of one workspace."""
    return CursorCodec(
        f"changes of {workspace_id}",
        *(decode_integer, decode_text, decode_text, decode_id),
        parameter="since",
        message=_INVALID,
    )
