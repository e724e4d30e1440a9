"""Sync over HTTP: the token that a replica keeps, and the page that it is sent."""

from starlette.responses import Response

from taskstead.http.pages import decode_cursor, encode_cursor, refuse_cursor
from taskstead.http.responses import build_json_response
from taskstead.queries.sync import WALKED_KINDS, Place, SyncPage
from taskstead.queries.workspaces import BEFORE_ALL_IDS
from taskstead.schemas.sync import render_synced

PARAMETER = "since"

_LISTS = {"member": "members", "category": "categories", "tag": "tags", "task": "tasks"}


def decode_sync_token(workspace_id: str, token: str | None) -> Place | None:
    """Return the place that a token stands for; None for none.

    Raises:
        ValidationFailedError: the token is not one that this workspace gave.
    """
    if token is None:
        return None
    first = (0, "", "", BEFORE_ALL_IDS)
    place = Place(*decode_cursor(_name(workspace_id), token, *first, parameter=PARAMETER))
    if place.kind and place.kind not in WALKED_KINDS:
        raise refuse_cursor(PARAMETER)
    return place


def build_sync_response(workspace_id: str, page: SyncPage) -> Response:
    """Answer with a page."""
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
                _name(workspace_id), place.revision, place.mark, place.kind, place.after_id
            ),
            "has_more": page.has_more,
        }
    )


def _name(workspace_id: str) -> str:
    """Return what seals the tokens of one workspace."""
    return f"changes of {workspace_id}"
