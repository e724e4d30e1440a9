"""The sync token of clients and the response of a sync page."""

from starlette.responses import Response

from taskstead.http.pages import decode_cursor, encode_cursor, make_cursor_error
from taskstead.http.responses import build_json_response
from taskstead.queries.sync import WALKED_KINDS, SyncPage, SyncPosition
from taskstead.queries.workspaces import BEFORE_ALL_IDS
from taskstead.schemas.sync import render_synced

PARAMETER = "since"

_LISTS = {"member": "members", "category": "categories", "tag": "tags", "task": "tasks"}


def decode_sync_token(workspace_id: str, token: str | None) -> SyncPosition | None:
    """Return the position in a sync token; None without a token.

    Raises:
        ValidationFailedError: the token is invalid or belongs to another workspace.
    """
    if token is None:
        return None
    first = (0, "", "", BEFORE_ALL_IDS)
    place = SyncPosition(
        *decode_cursor(_get_token_name(workspace_id), token, *first, parameter=PARAMETER)
    )
    if place.kind and place.kind not in WALKED_KINDS:
        raise make_cursor_error(PARAMETER)
    return place


def build_sync_response(workspace_id: str, page: SyncPage) -> Response:
    """Return the response with one page of changes."""
    place = page.place
    workspace = page.workspace
    return build_json_response(
        {
            "workspace": None if workspace is None else render_synced("workspace", workspace),
            **{
                _LISTS[kind]: [render_synced(kind, row) for row in page.rows.get(kind, ())]
                for kind in WALKED_KINDS
            },
            "removed": [
                {"kind": kind, "id": id_, "action": "purged"} for kind, id_ in page.removed
            ],
            "revision": place.revision,
            "next": encode_cursor(
                _get_token_name(workspace_id),
                place.revision,
                place.mark,
                place.kind,
                place.after_id,
            ),
            "has_more": page.has_more,
        }
    )


def _get_token_name(workspace_id: str) -> str:
    """Return the name that binds tokens to one workspace."""
    return f"changes of {workspace_id}"
