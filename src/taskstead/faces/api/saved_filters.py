"""``/api/v1/filters``: list, create, change, move and delete saved filters."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from taskstead.errors import ForbiddenError, NameTakenError
from taskstead.formats.json.saved_filters import render_saved_filter
from taskstead.http.requests.authentication import TasksRead, TasksWrite
from taskstead.http.requests.path_params import IdParameter
from taskstead.http.requests.route_class import Route
from taskstead.http.responses.documented_errors import (
    BODY_ERRORS,
    COMMON_ERRORS,
    WORKSPACE_ERRORS,
    document_problems,
)
from taskstead.http.responses.etags import (
    NOT_MODIFIED,
    PRECONDITION_ERRORS,
    build_resource,
    read_precondition,
)
from taskstead.http.responses.json import build_empty_response
from taskstead.http.responses.pagination import DEFAULT_LIMIT, Cursor, Limit, build_page
from taskstead.http.responses.response_cache import build_cached_resource, build_cached_response
from taskstead.queries.saved_filters import get_saved_filter
from taskstead.schemas.base import Page
from taskstead.schemas.saved_filters import (
    FilterPlace,
    SavedFilter,
    SavedFilterCreate,
    SavedFilterPatch,
)
from taskstead.services.saved_filters.saved_filters import (
    create_saved_filter,
    move_saved_filter,
    prepare_saved_filters,
    trash_saved_filter,
    update_saved_filter,
)

PATH = "/api/v1/filters"
READ_RESPONSES = document_problems(*COMMON_ERRORS, *WORKSPACE_ERRORS)
WRITE_RESPONSES = document_problems(*COMMON_ERRORS, *BODY_ERRORS, *WORKSPACE_ERRORS, NameTakenError)
UPDATE_RESPONSES = document_problems(
    *COMMON_ERRORS,
    *BODY_ERRORS,
    *WORKSPACE_ERRORS,
    ForbiddenError,
    NameTakenError,
    *PRECONDITION_ERRORS,
)
MOVE_RESPONSES = document_problems(
    *COMMON_ERRORS, *BODY_ERRORS, *WORKSPACE_ERRORS, *PRECONDITION_ERRORS
)
DELETE_RESPONSES = document_problems(*COMMON_ERRORS, *WORKSPACE_ERRORS, *PRECONDITION_ERRORS)

router = APIRouter(prefix=PATH, tags=["filters"], route_class=Route)


@router.get(
    "",
    summary="List saved filters",
    response_model=Page[SavedFilter],
    responses={**NOT_MODIFIED, **READ_RESPONSES},
)
async def list_all(
    request: Request, ctx: TasksRead, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Response:
    """List your own filters and the shared ones, in the manual order."""
    listing = prepare_saved_filters(ctx, cursor=cursor, limit=limit)
    return await build_cached_response(
        request, ctx, listing, lambda page: build_page(page, render_saved_filter)
    )


@router.post(
    "",
    summary="Create saved filter",
    status_code=201,
    response_model=SavedFilter,
    responses=WRITE_RESPONSES,
)
async def create(ctx: TasksWrite, body: SavedFilterCreate) -> Response:
    """Save a filter, with the sort order and the grouping of its list.

    A name is unique among your own filters, and among the shared ones.
    """
    row = await create_saved_filter(ctx, body)
    headers = {"Location": f"{PATH}/{row['id']}"}
    return build_resource(row, render_saved_filter(row), status=201, headers=headers)


@router.get(
    "/{filter_id}",
    summary="Get saved filter",
    response_model=SavedFilter,
    responses={**NOT_MODIFIED, **READ_RESPONSES},
)
async def get(request: Request, ctx: TasksRead, filter_id: IdParameter) -> Response:
    """Return one saved filter. Another member's own filter is not found."""
    user_id = ctx.principal.user_id

    async def build() -> Response:
        row = await ctx.read_content(
            lambda reader: get_saved_filter(
                reader, ctx.principal.workspace_id, filter_id, user_id=user_id
            ),
        )
        return build_resource(row, render_saved_filter(row))

    return await build_cached_resource(request, ctx, ("filter", user_id, filter_id), build)


@router.patch(
    "/{filter_id}",
    summary="Update saved filter",
    response_model=SavedFilter,
    responses=UPDATE_RESPONSES,
)
async def patch(
    request: Request, ctx: TasksWrite, filter_id: IdParameter, body: SavedFilterPatch
) -> Response:
    """Change the fields in the body. All editors can change a shared filter."""
    row = await update_saved_filter(ctx, filter_id, body, read_precondition(request))
    return build_resource(row, render_saved_filter(row))


@router.delete(
    "/{filter_id}", summary="Trash saved filter", status_code=204, responses=DELETE_RESPONSES
)
async def trash(request: Request, ctx: TasksWrite, filter_id: IdParameter) -> Response:
    """Move a saved filter to the trash. An undo of the change restores it."""
    await trash_saved_filter(ctx, filter_id, read_precondition(request))
    return build_empty_response()


@router.post(
    "/{filter_id}/move",
    summary="Move saved filter",
    response_model=SavedFilter,
    responses=MOVE_RESPONSES,
)
async def move(
    request: Request, ctx: TasksWrite, filter_id: IdParameter, body: FilterPlace
) -> Response:
    """Move a saved filter in the manual order. Only the `position` of this filter changes.

    The order of shared filters is the same for all members.
    """
    row = await move_saved_filter(ctx, filter_id, body, read_precondition(request))
    return build_resource(row, render_saved_filter(row))
