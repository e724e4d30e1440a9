"""``/api/v1/trash``: list and empty the trash."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from taskstead.formats.json.tasks import render_listed_task
from taskstead.http.requests.authentication import TasksPurge, TasksRead
from taskstead.http.requests.route_class import Route
from taskstead.http.responses.documented_errors import (
    COMMON_ERRORS,
    WORKSPACE_ERRORS,
    document_problems,
)
from taskstead.http.responses.etags import NOT_MODIFIED
from taskstead.http.responses.json import build_json_response
from taskstead.http.responses.pagination import DEFAULT_LIMIT, Cursor, Limit, build_page
from taskstead.http.responses.response_cache import build_cached_response
from taskstead.schemas.base import Page
from taskstead.schemas.tasks.tasks import TaskListed
from taskstead.schemas.tasks.trash import TrashEmptied
from taskstead.services.tasks.purge import empty_trash
from taskstead.services.tasks.trash import prepare_trash

router = APIRouter(prefix="/api/v1/trash", tags=["trash"], route_class=Route)
COMMON_RESPONSES = document_problems(*COMMON_ERRORS, *WORKSPACE_ERRORS)


@router.get(
    "",
    summary="List trash",
    response_model=Page[TaskListed],
    responses={**NOT_MODIFIED, **COMMON_RESPONSES},
)
async def list_trash(
    request: Request,
    ctx: TasksRead,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Response:
    """List the tasks in the trash, including sub-tasks. The task that was trashed last is first.

    `POST /api/v1/tasks/{task}/restore` restores a task.
    """
    listing = prepare_trash(ctx, cursor=cursor, limit=limit)
    return await build_cached_response(
        request, ctx, listing, lambda page: build_page(page, render_listed_task)
    )


@router.post(
    "/empty", summary="Empty trash", response_model=TrashEmptied, responses=COMMON_RESPONSES
)
async def empty(ctx: TasksPurge) -> Response:
    """Delete all tasks in the trash permanently. The change log keeps only their ids.

    An API token needs the scope `tasks:purge` for this. `tasks:write` does not include it.
    """
    return build_json_response({"purged": await empty_trash(ctx)})
