"""``/api/v1/changes``: incremental sync, with which a client keeps a copy of a workspace."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from taskstead.errors import ResyncNeededError
from taskstead.http.app_state import AppState
from taskstead.http.requests.authentication import TasksReader, check_reader_again
from taskstead.http.requests.route_class import Route
from taskstead.http.responses.problem_details import (
    COMMON_ERRORS,
    WORKSPACE_ERRORS,
    document_problems,
)
from taskstead.http.responses.sse import wait_for_changes
from taskstead.http.responses.sync_token import build_sync_response, decode_sync_token
from taskstead.queries.history.sync import read_sync_page
from taskstead.schemas.history.sync import Changes

DEFAULT_LIMIT = 200
MAX_LIMIT = 1000
Wait = Annotated[
    float,
    Query(
        ge=0,
        le=60,
        description="How many seconds to wait for a change if there are no new changes.",
    ),
]

router = APIRouter(prefix="/api/v1/changes", tags=["sync"], route_class=Route)

Since = Annotated[
    str | None,
    Query(
        max_length=2000,
        description="The `next` of the previous response. Do not parse it. Default: the whole "
        "workspace.",
    ),
]
SyncLimit = Annotated[
    int, Query(ge=1, le=MAX_LIMIT, description="The maximum number of changes.", examples=[200])
]


@router.get(
    "",
    summary="List changes",
    response_model=Changes,
    responses=document_problems(*COMMON_ERRORS, *WORKSPACE_ERRORS, ResyncNeededError),
)
async def list_changes(
    request: Request,
    principal: TasksReader,
    server: AppState,
    *,
    since: Since = None,
    limit: SyncLimit = DEFAULT_LIMIT,
    wait: Wait = 0,
) -> Response:
    """List the changes after a sync token. Without a token, list the whole workspace.

    While `has_more` is true, fetch the next page with `next` as `since`. Store the last `next` and
    send it the next time, to get only newer changes. Rows in the trash have `deleted_at` set.
    Permanently deleted rows are in `removed`. After a 410, start again without a token.
    When you have fetched all pages, delete from your copy every row that they did not contain.
    """
    workspace_id = principal.workspace_id
    position = decode_sync_token(workspace_id, since)
    read = partial(
        read_sync_page,
        workspace_id=workspace_id,
        position=position,
        revision=principal.revision or 0,
        limit=limit,
    )
    is_initial = position is None or position.kind
    page = await (server.content.read(principal, read) if is_initial else read(server.database))
    if wait and page.is_empty:
        revision = page.position.revision
        server.limits.open_stream(principal.user_id)
        try:
            await wait_for_changes(
                server.broker, request.receive, workspace_id, after_revision=revision, seconds=wait
            )
        finally:
            server.limits.close_stream(principal.user_id)
        # The access of the client may have been revoked during the wait.
        await check_reader_again(request)
        page = await read(server.database)
    return build_sync_response(workspace_id, page)
