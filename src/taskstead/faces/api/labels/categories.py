"""``/api/v1/categories``: list, create, change and delete categories."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from taskstead.errors import NameTakenError
from taskstead.formats.json.labels import render_category, render_counted_category
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
from taskstead.queries.labels.categories import get_category
from taskstead.schemas.base import Page
from taskstead.schemas.labels.categories import (
    Category,
    CategoryCreate,
    CategoryPatch,
    CountedCategory,
)
from taskstead.schemas.text import Uuid
from taskstead.services.labels.categories import (
    create_category,
    prepare_categories,
    trash_category,
    update_category,
)

PATH = "/api/v1/categories"
READ_RESPONSES = document_problems(*COMMON_ERRORS, *WORKSPACE_ERRORS)
WRITE_RESPONSES = document_problems(*COMMON_ERRORS, *BODY_ERRORS, *WORKSPACE_ERRORS, NameTakenError)
UPDATE_RESPONSES = document_problems(
    *COMMON_ERRORS, *BODY_ERRORS, *WORKSPACE_ERRORS, NameTakenError, *PRECONDITION_ERRORS
)
DELETE_RESPONSES = document_problems(*COMMON_ERRORS, *WORKSPACE_ERRORS, *PRECONDITION_ERRORS)

router = APIRouter(prefix=PATH, tags=["categories"], route_class=Route)


@router.get(
    "",
    summary="List categories",
    response_model=Page[CountedCategory],
    responses={**NOT_MODIFIED, **READ_RESPONSES},
)
async def list_all(
    request: Request, ctx: TasksRead, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Response:
    """List the categories in order of position, with their task counts."""
    listing = prepare_categories(ctx, cursor=cursor, limit=limit)
    return await build_cached_response(
        request, ctx, listing, lambda page: build_page(page, render_counted_category)
    )


@router.post(
    "",
    summary="Create category",
    status_code=201,
    response_model=Category,
    responses=WRITE_RESPONSES,
)
async def create(ctx: TasksWrite, body: CategoryCreate) -> Response:
    """Create a category.

    If you write a task with the name of a category that does not exist, it is created too.
    """
    row = await create_category(ctx, body)
    headers = {"Location": f"{PATH}/{row['id']}"}
    return build_resource(row, render_category(row), status=201, headers=headers)


@router.get(
    "/{category_id}",
    summary="Get category",
    response_model=Category,
    responses={**NOT_MODIFIED, **READ_RESPONSES},
)
async def get(request: Request, ctx: TasksRead, category_id: IdParameter) -> Response:
    """Return one category. The list of categories also has the task counts."""

    async def build() -> Response:
        row = await ctx.read_content(
            lambda reader: get_category(reader, ctx.principal.workspace_id, category_id),
        )
        return build_resource(row, render_category(row))

    return await build_cached_resource(request, ctx, ("category", category_id), build)


@router.patch(
    "/{category_id}", summary="Update category", response_model=Category, responses=UPDATE_RESPONSES
)
async def patch(
    request: Request, ctx: TasksWrite, category_id: IdParameter, body: CategoryPatch
) -> Response:
    """Change the fields in the body. All other fields keep their values."""
    row = await update_category(ctx, category_id, body, read_precondition(request))
    return build_resource(row, render_category(row))


@router.delete(
    "/{category_id}", summary="Trash category", status_code=204, responses=DELETE_RESPONSES
)
async def trash(
    request: Request,
    ctx: TasksWrite,
    category_id: IdParameter,
    move_to: Annotated[
        Uuid | None,
        Query(
            description="The id of the category to which the tasks are moved. If omitted, the "
            "tasks are trashed too."
        ),
    ] = None,
) -> Response:
    """Move a category to the trash. Its tasks are trashed too, or moved to another category.

    If you restore one of the trashed tasks, the category is restored too.
    """
    precondition = read_precondition(request)
    await trash_category(ctx, category_id, precondition, move_to=move_to)
    return build_empty_response()
