"""``/api/v1/tags``: list, create, change, merge and delete tags."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from taskstead.errors import NameTakenError
from taskstead.formats.json.labels import render_counted_tag, render_tag
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
from taskstead.queries.labels.tags import get_tag
from taskstead.schemas.base import Page
from taskstead.schemas.labels.tags import CountedTag, Tag, TagCreate, TagMerge, TagPatch
from taskstead.services.labels.tags import (
    create_tag,
    merge_tag,
    prepare_tags,
    trash_tag,
    update_tag,
)

PATH = "/api/v1/tags"
READ_RESPONSES = document_problems(*COMMON_ERRORS, *WORKSPACE_ERRORS)
WRITE_RESPONSES = document_problems(*COMMON_ERRORS, *BODY_ERRORS, *WORKSPACE_ERRORS, NameTakenError)
UPDATE_RESPONSES = document_problems(
    *COMMON_ERRORS, *BODY_ERRORS, *WORKSPACE_ERRORS, NameTakenError, *PRECONDITION_ERRORS
)
DELETE_RESPONSES = document_problems(*COMMON_ERRORS, *WORKSPACE_ERRORS, *PRECONDITION_ERRORS)

router = APIRouter(prefix=PATH, tags=["tags"], route_class=Route)


@router.get(
    "",
    summary="List tags",
    response_model=Page[CountedTag],
    responses={**NOT_MODIFIED, **READ_RESPONSES},
)
async def list_all(
    request: Request, ctx: TasksRead, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Response:
    """List the tags in alphabetical order, with their task counts."""
    listing = prepare_tags(ctx, cursor=cursor, limit=limit)
    return await build_cached_response(
        request, ctx, listing, lambda page: build_page(page, render_counted_tag)
    )


@router.post(
    "", summary="Create tag", status_code=201, response_model=Tag, responses=WRITE_RESPONSES
)
async def create(ctx: TasksWrite, body: TagCreate) -> Response:
    """Create a tag.

    If you write a task with the name of a tag that does not exist, it is created too.
    """
    row = await create_tag(ctx, body)
    headers = {"Location": f"{PATH}/{row['id']}"}
    return build_resource(row, render_tag(row), status=201, headers=headers)


@router.get(
    "/{tag_id}", summary="Get tag", response_model=Tag, responses={**NOT_MODIFIED, **READ_RESPONSES}
)
async def get(request: Request, ctx: TasksRead, tag_id: IdParameter) -> Response:
    """Return one tag. The list of tags also has the task counts."""

    async def build() -> Response:
        row = await ctx.read_content(
            lambda reader: get_tag(reader, ctx.principal.workspace_id, tag_id)
        )
        return build_resource(row, render_tag(row))

    return await build_cached_resource(request, ctx, ("tag", tag_id), build)


@router.patch("/{tag_id}", summary="Update tag", response_model=Tag, responses=UPDATE_RESPONSES)
async def patch(request: Request, ctx: TasksWrite, tag_id: IdParameter, body: TagPatch) -> Response:
    """Change the fields in the body. A new name appears on all tasks with the tag."""
    row = await update_tag(ctx, tag_id, body, read_precondition(request))
    return build_resource(row, render_tag(row))


@router.delete("/{tag_id}", summary="Trash tag", status_code=204, responses=DELETE_RESPONSES)
async def trash(request: Request, ctx: TasksWrite, tag_id: IdParameter) -> Response:
    """Move a tag to the trash and remove it from all tasks."""
    await trash_tag(ctx, tag_id, read_precondition(request))
    return build_empty_response()


@router.post(
    "/{tag_id}/merge",
    summary="Merge tag",
    response_model=Tag,
    responses=document_problems(*COMMON_ERRORS, *BODY_ERRORS, *WORKSPACE_ERRORS),
)
async def merge(ctx: TasksWrite, tag_id: IdParameter, body: TagMerge) -> Response:
    """Replace the tag in the path by the tag `into` on all tasks.

    The tag in the path is then deleted. The response is the tag `into`.
    """
    row = await merge_tag(ctx, tag_id, into=body.into)
    return build_resource(row, render_tag(row))
