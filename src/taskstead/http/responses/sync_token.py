"""Incremental sync over HTTP: the sync token and the response with one page of changes.

A sync token encodes the position in the change log up to which a client has the changes.
"""

from starlette.responses import Response

from taskstead.entities.labels import CATEGORY, TAG
from taskstead.entities.tasks import TASK
from taskstead.formats.cursor import build_cursor_error, decode_cursor, encode_cursor
from taskstead.formats.json.sync import (
    render_synced_category,
    render_synced_member,
    render_synced_tag,
    render_synced_task,
    render_synced_workspace,
)
from taskstead.http.responses.json import build_json_response
from taskstead.ids import BEFORE_ALL_IDS
from taskstead.queries.history.sync import SYNCED_KINDS, SyncPage, SyncPosition

SINCE_PARAMETER = "since"


def decode_sync_token(workspace_id: str, token: str | None) -> SyncPosition | None:
    """Return the position in a sync token; None without a token.

    Raises:
        ValidationFailedError: the token is invalid or belongs to another workspace.
    """
    if token is None:
        return None
    first_key = (0, "", "", BEFORE_ALL_IDS)
    position = SyncPosition(
        *decode_cursor(
            _make_listing_name(workspace_id), token, *first_key, parameter=SINCE_PARAMETER
        )
    )
    if position.kind and position.kind not in SYNCED_KINDS:
        raise build_cursor_error(SINCE_PARAMETER)
    return position


def build_sync_response(workspace_id: str, page: SyncPage) -> Response:
    """Return the response with one page of changes."""
    position = page.position
    return build_json_response(
        {
            "workspace": page.workspace and render_synced_workspace(page.workspace),
            "members": [render_synced_member(row) for row in page.members],
            "categories": [render_synced_category(row) for row in page.get_rows(CATEGORY)],
            "tags": [render_synced_tag(row) for row in page.get_rows(TAG)],
            "tasks": [render_synced_task(row) for row in page.get_rows(TASK)],
            "removed": [{"kind": kind, "id": id_, "action": "purged"} for kind, id_ in page.purged],
            "revision": position.revision,
            "next": encode_cursor(
                _make_listing_name(workspace_id),
                position.revision,
                position.mark,
                position.kind,
                position.after_id,
            ),
            "has_more": page.has_more,
        }
    )


def _make_listing_name(workspace_id: str) -> str:
    """Return the name that binds tokens to one workspace."""
    return f"changes of {workspace_id}"
