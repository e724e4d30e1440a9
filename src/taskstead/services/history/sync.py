"""Incremental sync: one page of changes, and the sync token to continue with.

A sync token encodes the position in the change log up to which a client has the changes. It is
valid only for its workspace.
"""

from functools import partial
from typing import NamedTuple

from taskstead.domain.principal import Principal
from taskstead.formats.cursor import build_cursor_error, decode_cursor, encode_cursor
from taskstead.ids import BEFORE_ALL_IDS
from taskstead.queries.history.sync import SYNCED_KINDS, SyncPage, SyncPosition, read_sync_page
from taskstead.services.content_reader import ContentReader

_PARAMETER = "since"


class SyncedChanges(NamedTuple):
    """One page of changes, and the token of the next page."""

    page: SyncPage
    next_token: str


async def read_changes(
    content: ContentReader, principal: Principal, token: str | None, *, limit: int
) -> SyncedChanges:
    """Return the changes after a sync token; without a token, the first page of the workspace.

    Args:
        content: the reader of workspace content.
        principal: the principal, with the workspace and its revision.
        token: the token of the previous page.
        limit: maximum number of rows (initial sync) or changes.

    Raises:
        ValidationFailedError: the token is invalid or belongs to another workspace.
        ResyncNeededError: the token is not in the change log, or its changes were deleted.
    """
    workspace_id = principal.workspace_id
    position = None if token is None else _decode_token(workspace_id, token)
    read = partial(
        read_sync_page,
        workspace_id=workspace_id,
        position=position,
        revision=principal.revision or 0,
        limit=limit,
    )
    is_initial = position is None or position.kind
    # The log is read from the primary database. The revision in a token from the replica could be
    # higher than the primary's.
    page = await (content.read(principal, read) if is_initial else read(content.database))
    return SyncedChanges(page, _encode_token(workspace_id, page.position))


def _decode_token(workspace_id: str, token: str) -> SyncPosition:
    """Return the position in a sync token.

    Raises:
        ValidationFailedError: the token is invalid or belongs to another workspace.
    """
    first_key = (0, "", "", BEFORE_ALL_IDS)
    name = _make_listing_name(workspace_id)
    position = SyncPosition(*decode_cursor(name, token, *first_key, parameter=_PARAMETER))
    if position.kind and position.kind not in SYNCED_KINDS:
        raise build_cursor_error(_PARAMETER)
    return position


def _encode_token(workspace_id: str, position: SyncPosition) -> str:
    """Return the sync token of a position."""
    key = (position.revision, position.mark, position.kind, position.after_id)
    return encode_cursor(_make_listing_name(workspace_id), *key)


def _make_listing_name(workspace_id: str) -> str:
    """Return the name that binds tokens to one workspace."""
    return f"changes of {workspace_id}"
