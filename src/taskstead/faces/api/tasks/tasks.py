"""``/api/v1/tasks``: list, create, change, trash, restore and purge tasks."""

from functools import partial
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from taskstead.domain.task_fields import parse_fields
from taskstead.errors import (
    FieldError,
    NameTakenError,
    OpenSubtasksError,
    TaskTrashedError,
    ValidationFailedError,
)
from taskstead.faces.api.tasks.subtasks import SubtasksParameter, TrashSubtasksParameter
from taskstead.formats.json.filters import render_warnings
from taskstead.formats.json.tasks import render_fields, render_listed_task, render_task
from taskstead.formats.markdown import render_markdown_in_thread
from taskstead.http.app_state import AppState
from taskstead.http.requests.authentication import TasksRead, TasksWrite
from taskstead.http.requests.path_params import IdParameter, TaskReferenceParameter
from taskstead.http.requests.query_params import document_query, read_query
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
from taskstead.http.responses.json import build_empty_response, build_json_response
from taskstead.http.responses.response_cache import build_cached_resource, build_cached_response
from taskstead.queries.tasks.tasks import get_task
from taskstead.schemas.tasks.listing import FieldNames, TaskListing, TaskPage, TaskSelection
from taskstead.schemas.tasks.tasks import (
    Task,
    TaskCreate,
    TaskPatch,
    TaskRendered,
    TaskReplace,
    TaskSelected,
)
from taskstead.services.tasks.create import create_task
from taskstead.services.tasks.listing import ListedTasks, prepare_listing
from taskstead.services.tasks.purge import purge_task
from taskstead.services.tasks.put import put_task
from taskstead.services.tasks.restore import restore_task
from taskstead.services.tasks.trash import trash_task
from taskstead.services.tasks.update import update_task
from taskstead.tables.tasks import CountedTaskRow

PATH = "/api/v1/tasks"
READ_RESPONSES = document_problems(*COMMON_ERRORS, *WORKSPACE_ERRORS)
WRITE_RESPONSES = document_problems(
    *COMMON_ERRORS,
    *BODY_ERRORS,
    *WORKSPACE_ERRORS,
    TaskTrashedError,
    OpenSubtasksError,
    *PRECONDITION_ERRORS,
)
DELETE_RESPONSES = document_problems(
    *COMMON_ERRORS, *WORKSPACE_ERRORS, OpenSubtasksError, *PRECONDITION_ERRORS
)
LOCATION: dict[str, Any] = {
    "Location": {"description": "The URL of the task.", "schema": {"type": "string"}}
}
LINK: dict[str, Any] = {
    "Link": {
        "description": 'The next page, if any: `<…>; rel="next"` (RFC 8288).',
        "schema": {"type": "string"},
    }
}

router = APIRouter(prefix=PATH, tags=["tasks"], route_class=Route)


@router.get(
    "",
    summary="List tasks",
    response_model=TaskPage | TaskSelection,
    responses={200: {"headers": LINK}, **NOT_MODIFIED, **READ_RESPONSES},
    openapi_extra=document_query(TaskListing),
)
async def list_all(request: Request, ctx: TasksRead) -> Response:
    """List the tasks that match all filters, sorted and in pages.

    Without parameters, the list contains all tasks outside the trash, newest first, without their
    descriptions.
    """
    query = read_query(request, TaskListing)
    listing = await prepare_listing(ctx, query)
    return await build_cached_response(request, ctx, listing, partial(_build_page, request, query))


def _build_page(request: Request, query: TaskListing, page: ListedTasks) -> Response:
    """Return the response with one page of tasks."""
    fields = None if query.fields is None else parse_fields(query.fields)
    data: dict[str, Any] = {
        "items": [
            render_listed_task(row) if fields is None else render_fields(row, fields)
            for row in page.rows
        ],
        "next_cursor": page.next_cursor,
    }
    if page.total is not None:
        data["total"] = page.total
    data |= render_warnings(page.warnings)
    if page.next_cursor is None:
        return build_json_response(data)
    parameters = [item for item in request.query_params.multi_items() if item[0] != "cursor"]
    # RFC 8288; relative to the URL of this page.
    url = f"{request.url.path}?{urlencode([*parameters, ('cursor', page.next_cursor)])}"
    return build_json_response(data, headers={"Link": f'<{url}>; rel="next"'})


@router.post(
    "",
    summary="Create task",
    status_code=201,
    response_model=Task,
    responses={
        201: {"headers": LOCATION},
        **document_problems(*COMMON_ERRORS, *BODY_ERRORS, *WORKSPACE_ERRORS, NameTakenError),
    },
)
async def create(ctx: TasksWrite, body: TaskCreate) -> Response:
    """Create a task. Categories and tags that do not exist are created with it."""
    row = await create_task(ctx, body)
    return _build_created(row)


def _build_created(row: CountedTaskRow) -> Response:
    headers = {"Location": f"{PATH}/{row['id']}"}
    return build_resource(row, render_task(row), status=201, headers=headers)


@router.get(
    "/{task}",
    summary="Get task",
    response_model=Task | TaskRendered | TaskSelected,
    responses={**NOT_MODIFIED, **READ_RESPONSES},
)
async def get(
    request: Request,
    ctx: TasksRead,
    server: AppState,
    task: TaskReferenceParameter,
    *,
    render: Annotated[
        Literal["html"] | None,
        Query(description="`html` adds `description_html`, the description as sanitised HTML."),
    ] = None,
    fields: Annotated[
        FieldNames | None,
        Query(
            description="Comma-separated field names, as for the list. Default: all fields. "
            "`description_html` is included with `description`."
        ),
    ] = None,
) -> Response:
    """Return one task. For a task in the trash, `deleted_at` is set."""

    async def build() -> Response:
        row = await ctx.read_content(
            lambda reader: get_task(reader, ctx.principal.workspace_id, task)
        )
        shown = render_task(row) if fields is None else render_fields(row, parse_fields(fields))
        if render is not None and "description" in shown:
            shown["description_html"] = await render_markdown_in_thread(
                shown["description"], server.rendering
            )
        return build_resource(row, shown)

    return await build_cached_resource(request, ctx, ("task", task, render, fields), build)


@router.patch("/{task}", summary="Update task", response_model=Task, responses=WRITE_RESPONSES)
async def patch(
    request: Request,
    ctx: TasksWrite,
    task: TaskReferenceParameter,
    body: TaskPatch,
    *,
    subtasks: SubtasksParameter = None,
) -> Response:
    """Change the fields in the body. All other fields keep their values."""
    row = await update_task(ctx, task, body, read_precondition(request), subtasks=subtasks)
    return build_resource(row, render_task(row))


@router.put(
    "/{task}",
    summary="Create or replace task",
    response_model=Task,
    responses={
        201: {"model": Task, "description": "The task was created.", "headers": LOCATION},
        **WRITE_RESPONSES,
    },
)
async def put(
    request: Request,
    ctx: TasksWrite,
    task: IdParameter,
    body: TaskReplace,
    *,
    subtasks: SubtasksParameter = None,
) -> Response:
    """Create a task with the id in the path, or replace all fields of the existing task."""
    precondition = read_precondition(request)
    row, is_new = await put_task(ctx, task, body, precondition, subtasks=subtasks)
    return _build_created(row) if is_new else build_resource(row, render_task(row))


@router.delete("/{task}", summary="Trash task", status_code=204, responses=DELETE_RESPONSES)
async def trash(
    request: Request,
    ctx: TasksWrite,
    task: TaskReferenceParameter,
    *,
    permanent: Annotated[
        bool,
        Query(
            description="Delete the tasks permanently instead. An API token also needs the scope "
            "`tasks:purge` for this."
        ),
    ] = False,
    subtasks: TrashSubtasksParameter = None,
) -> Response:
    """Move a task and all its sub-tasks to the trash. You can safely repeat the request."""
    precondition = read_precondition(request)
    if not permanent:
        await trash_task(ctx, task, precondition, subtasks=subtasks)
    elif subtasks is None:
        await purge_task(ctx, task, precondition)
    else:
        message = (
            "permanent=true deletes all sub-tasks. Omit subtasks, or trash the task with it first."
        )
        field_error = FieldError("query/subtasks", message, "subtasks_of_purge")
        raise ValidationFailedError(message, errors=[field_error])
    return build_empty_response()


@router.post(
    "/{task}/restore",
    summary="Restore task",
    response_model=Task,
    responses=document_problems(*COMMON_ERRORS, *WORKSPACE_ERRORS, TaskTrashedError),
)
async def restore(ctx: TasksWrite, task: TaskReferenceParameter) -> Response:
    """Restore a task from the trash, with exactly the sub-tasks that were trashed with it."""
    row = await restore_task(ctx, task)
    return build_resource(row, render_task(row))
