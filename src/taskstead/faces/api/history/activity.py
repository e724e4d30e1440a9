"""``/api/v1/activity`` and ``/api/v1/tasks/{task}/history``: the change log."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from taskstead.formats.json.history import render_change
from taskstead.http.requests.authentication import TasksRead
from taskstead.http.requests.path_params import TaskReferenceParameter
from taskstead.http.requests.query_params import document_query, read_query
from taskstead.http.requests.route_class import Route
from taskstead.http.responses.documented_errors import (
    COMMON_ERRORS,
    WORKSPACE_ERRORS,
    document_problems,
)
from taskstead.http.responses.etags import NOT_MODIFIED, add_list_etag
from taskstead.http.responses.pagination import DEFAULT_LIMIT, Cursor, Limit, build_page
from taskstead.schemas.base import Page
from taskstead.schemas.history.activity import ActivityListing, Change
from taskstead.services.history.activity import (
    ListedChanges,
    read_activity,
    read_task_history,
)

COMMON_RESPONSES = {**NOT_MODIFIED, **document_problems(*COMMON_ERRORS, *WORKSPACE_ERRORS)}

router = APIRouter(prefix="/api/v1", tags=["history"], route_class=Route)


@router.get(
    "/activity",
    summary="List activity",
    response_model=Page[Change],
    responses=COMMON_RESPONSES,
    openapi_extra=document_query(ActivityListing),
)
async def list_all(request: Request, ctx: TasksRead) -> Response:
    """List the changes in the workspace with their users and credentials, newest first.

    Changes older than the log retention of the server have been deleted.
    """
    query = read_query(request, ActivityListing)
    changes = await read_activity(ctx, query)
    return _build_response(request, changes)


@router.get(
    "/tasks/{task}/history",
    summary="Get task history",
    response_model=Page[Change],
    responses=COMMON_RESPONSES,
)
async def get_history(
    request: Request,
    ctx: TasksRead,
    task: TaskReferenceParameter,
    *,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Response:
    """List the changes of one task, newest first, including tasks in the trash.

    For a permanently deleted task, use its id. Its remaining changes are listed without text.
    """
    changes = await read_task_history(ctx, task, cursor=cursor, limit=limit)
    return _build_response(request, changes)


def _build_response(request: Request, changes: ListedChanges) -> Response:
    response = build_page(changes.page, lambda row: render_change(row, changes.names))
    return add_list_etag(request, response)
