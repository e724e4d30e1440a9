"""``/api/v1/changes``: what a replica of a workspace needs to catch up."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from taskstead.errors import ResyncNeededError
from taskstead.http.caller import TasksReader
from taskstead.http.problems import ANYWHERE, IN_WORKSPACE, document_problems
from taskstead.http.state import ServerParts
from taskstead.http.sync import build_sync_response, decode_sync_token
from taskstead.queries.sync import read_sync_page
from taskstead.schemas.sync import Changes

DEFAULT_LIMIT = 200
MAX_LIMIT = 1000

router = APIRouter(prefix="/api/v1/changes", tags=["sync"])

Since = Annotated[
    str | None,
    Query(
        max_length=2000,
        description="The `next` of the answer before; opaque. Left out: everything.",
    ),
]
SyncLimit = Annotated[
    int, Query(ge=1, le=MAX_LIMIT, description="How many changes at most.", examples=[200])
]


@router.get(
    "",
    summary="List changes",
    response_model=Changes,
    responses=document_problems(*ANYWHERE, *IN_WORKSPACE, ResyncNeededError),
)
async def list_changes(
    caller: TasksReader,
    server: ServerParts,
    since: Since = None,
    limit: SyncLimit = DEFAULT_LIMIT,
) -> Response:
    """Tell what has changed since a token; without one, the whole workspace, page by page.

    Follow `next` while `has_more` is true, and keep it: the next time it tells just what is new.
    What is in the trash has `deleted_at` set; what is gone for good is in `removed`. After a 410
    start over without a token, and drop what is not told of any more.
    """
    place = decode_sync_token(caller.workspace_id, since)
    page = await read_sync_page(
        server.database,
        caller.workspace_id,
        place,
        revision=caller.revision or 0,
        limit=limit,
    )
    return build_sync_response(caller.workspace_id, page)
