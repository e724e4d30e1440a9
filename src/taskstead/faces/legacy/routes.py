"""The deprecated to-do APIs at ``/items``, ``/todos`` and ``/api/todo``.

They exist so that old clients have time to migrate. They use the services of the current API. In
these APIs, ``id`` is the task's number, and tasks in the trash are not accessible.
"""

from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Body, Path, Query, Request
from pydantic import Field
from starlette.responses import Response

from taskstead.errors import NotFoundError, TaskTrashedError
from taskstead.faces.legacy.errors import LEGACY_PREFIXES
from taskstead.faces.legacy.schemas import (
    MAX_TODOS,
    Item,
    ItemCreate,
    ProcessingStarted,
    Todo,
    TodoCreate,
    TodoPatch,
    TodoProcess,
    TodoProcessed,
    TodoStatistics,
)
from taskstead.faces.legacy.translation import (
    make_bulk_request,
    make_complete_all,
    make_task_create,
    make_task_patch,
    make_task_replacement,
    render_item,
    render_todo,
    render_todo_statistics,
)
from taskstead.http.middleware.deprecation import Retirement
from taskstead.http.requests.authentication import TasksRead, TasksWrite
from taskstead.http.requests.route_class import LenientRoute
from taskstead.http.responses.documented_errors import (
    BODY_ERRORS,
    COMMON_ERRORS,
    WORKSPACE_ERRORS,
    document_problems,
)
from taskstead.http.responses.etags import (
    NOT_MODIFIED,
    PRECONDITION_ERRORS,
    build_conditional_resource,
    build_resource,
    read_precondition,
)
from taskstead.http.responses.json import build_empty_response, build_json_response
from taskstead.http.responses.pagination import MAX_LIMIT, Limit
from taskstead.queries.tasks.tasks import get_task
from taskstead.schemas.tasks.filters import TaskFilter
from taskstead.schemas.tasks.statistics import MAX_TOP, StatisticsQuery
from taskstead.schemas.tasks.tasks import TaskPatch
from taskstead.services.context import ReadContext, WriteContext
from taskstead.services.tasks.bulk.operations import process_operations
from taskstead.services.tasks.bulk.process import start_bulk_process
from taskstead.services.tasks.create import create_task, create_tasks
from taskstead.services.tasks.listing import list_newest_tasks
from taskstead.services.tasks.statistics import read_statistics
from taskstead.services.tasks.trash import trash_task
from taskstead.services.tasks.update import update_task
from taskstead.tables.tasks import SortedTaskRow, TaskDetailRow

RETIREMENT = Retirement(
    paths=LEGACY_PREFIXES,
    since=datetime(2026, 11, 21, tzinfo=UTC),
    until=datetime(2027, 11, 21, tzinfo=UTC),
    successor="/api/v1/tasks",
)
READ_RESPONSES = document_problems(*COMMON_ERRORS, *WORKSPACE_ERRORS)
WRITE_RESPONSES = document_problems(*COMMON_ERRORS, *BODY_ERRORS, *WORKSPACE_ERRORS)
UPDATE_RESPONSES = document_problems(
    *COMMON_ERRORS, *BODY_ERRORS, *WORKSPACE_ERRORS, TaskTrashedError, *PRECONDITION_ERRORS
)
DELETE_RESPONSES = document_problems(*COMMON_ERRORS, *WORKSPACE_ERRORS, *PRECONDITION_ERRORS)
_TEXT = {"schema": {"type": "string"}}
CREATED_RESPONSE: dict[int | str, dict[str, Any]] = {
    201: {"headers": {"Location": {"description": "The URL of the to-do.", **_TEXT}}}
}
LINK_RESPONSE: dict[int | str, dict[str, Any]] = {
    200: {"headers": {"Link": {"description": "The next page, if any.", **_TEXT}}}
}

NumberParameter = Annotated[int, Path(ge=1, lt=10**18, description="The task's number.")]
BeforeParameter = Annotated[
    int | None,
    Query(
        ge=1,
        lt=10**18,
        description="Only to-dos with a smaller `id`; use it to fetch the next page.",
    ),
]
CompletedParameter = Annotated[
    bool | None,
    Query(description="True: only completed to-dos. False: only to-dos that are not completed."),
]
Todos = Annotated[list[TodoCreate], Field(min_length=1, max_length=MAX_TODOS)]

ProcessBody = Annotated[
    TodoProcess | None, Body(examples=[{"ids": [17, 18], "action": "complete"}])
]

router = APIRouter(tags=["predecessors"], route_class=LenientRoute)


async def _list_rows(
    request: Request,
    ctx: ReadContext,
    *,
    limit: int,
    before: int | None,
    completed: bool | None = None,
) -> tuple[list[SortedTaskRow], dict[str, str]]:
    """Return a page of tasks, newest first, and the Link header of the next page."""
    rows = await list_newest_tasks(
        ctx, TaskFilter(completed=completed), before=before, limit=limit + 1
    )
    if len(rows) <= limit:
        return rows, {}
    parameters = [item for item in request.query_params.multi_items() if item[0] != "before"]
    query = urlencode([*parameters, ("before", rows[limit - 1]["number"])])
    return rows[:limit], {"Link": f'<{request.url.path}?{query}>; rel="next"'}


async def _get_untrashed_task(ctx: ReadContext | WriteContext, number: int) -> TaskDetailRow:
    row = await get_task(ctx.database, ctx.principal.workspace_id, str(number))
    if row["deleted_at"] is not None:
        raise NotFoundError(f"There is no task {number} in this workspace.")
    return row


@router.get(
    "/items",
    summary="List items",
    response_model=list[Item],
    responses=LINK_RESPONSE | READ_RESPONSES,
    deprecated=True,
)
async def list_items(
    request: Request, ctx: TasksRead, limit: Limit = MAX_LIMIT, before: BeforeParameter = None
) -> Response:
    """List tasks as items, newest first. Use `GET /api/v1/tasks` instead."""
    rows, headers = await _list_rows(request, ctx, limit=limit, before=before)
    return build_json_response([render_item(row) for row in rows], headers=headers)


@router.post(
    "/items",
    summary="Create item",
    status_code=201,
    response_model=Item,
    responses=WRITE_RESPONSES,
    deprecated=True,
)
async def create_item(ctx: TasksWrite, body: ItemCreate) -> Response:
    """Create a task from an item. Use `POST /api/v1/tasks` instead."""
    row = await create_task(ctx, make_task_create(body))
    return build_json_response(render_item(row), status=201)


async def list_todos(
    request: Request,
    ctx: TasksRead,
    *,
    limit: Limit = MAX_LIMIT,
    before: BeforeParameter = None,
    completed: CompletedParameter = None,
) -> Response:
    """List tasks as to-dos, newest first. Use `GET /api/v1/tasks` instead."""
    rows, headers = await _list_rows(request, ctx, limit=limit, before=before, completed=completed)
    return build_json_response([render_todo(row) for row in rows], headers=headers)


async def create_todo(request: Request, ctx: TasksWrite, body: TodoCreate) -> Response:
    """Create a task from a to-do. Use `POST /api/v1/tasks` instead."""
    row = await create_task(ctx, make_task_create(body))
    headers = {"Location": f"{request.url.path.rstrip('/')}/{row['number']}"}
    return build_resource(row, render_todo(row), status=201, headers=headers)


async def get_todo(request: Request, ctx: TasksRead, number: NumberParameter) -> Response:
    """Return one task as a to-do. Use `GET /api/v1/tasks/{task}` instead."""
    row = await _get_untrashed_task(ctx, number)
    return build_conditional_resource(request, row, render_todo(row))


async def put_todo(
    request: Request, ctx: TasksWrite, number: NumberParameter, body: TodoCreate
) -> Response:
    """Replace the to-do fields of a task. Use `PATCH /api/v1/tasks/{task}` instead."""
    return await _update_todo(request, ctx, number, make_task_replacement(body))


async def patch_todo(
    request: Request, ctx: TasksWrite, number: NumberParameter, body: TodoPatch
) -> Response:
    """Change the fields in the body. Use `PATCH /api/v1/tasks/{task}` instead."""
    return await _update_todo(request, ctx, number, make_task_patch(body))


async def _update_todo(
    request: Request, ctx: WriteContext, number: int, patch: TaskPatch
) -> Response:
    precondition = read_precondition(request)
    await _get_untrashed_task(ctx, number)
    row = await update_task(ctx, str(number), patch, precondition)
    return build_resource(row, render_todo(row))


async def delete_todo(request: Request, ctx: TasksWrite, number: NumberParameter) -> Response:
    """Move a task and its sub-tasks to the trash. Use `DELETE /api/v1/tasks/{task}` instead."""
    precondition = read_precondition(request)
    await _get_untrashed_task(ctx, number)
    await trash_task(ctx, str(number), precondition)
    return build_empty_response()


@router.get(
    "/todos/stats",
    summary="Get todo stats at /todos",
    response_model=TodoStatistics,
    responses=READ_RESPONSES,
    deprecated=True,
)
@router.get(
    "/todos/statistics",
    summary="Get todo statistics at /todos",
    response_model=TodoStatistics,
    responses=READ_RESPONSES,
    deprecated=True,
)
async def get_todo_statistics(ctx: TasksRead) -> Response:
    """Count the tasks. Use `GET /api/v1/tasks/stats` instead."""
    query = StatisticsQuery(top=MAX_TOP)
    statistics = await read_statistics(ctx, query)
    return build_json_response(render_todo_statistics(statistics))


@router.post(
    "/api/todo/bulk",
    summary="Create many todos at /api/todo",
    status_code=201,
    response_model=list[Todo],
    responses=WRITE_RESPONSES,
    deprecated=True,
)
async def create_todos(ctx: TasksWrite, body: Todos) -> Response:
    """Create tasks from a list of to-dos. Use `POST /api/v1/tasks/bulk` instead.

    Either all tasks are created or none.
    """
    rows = await create_tasks(ctx, [make_task_create(todo) for todo in body])
    return build_json_response([render_todo(row) for row in rows], status=201)


@router.post(
    "/todos/bulk-process",
    summary="Process many todos at /todos",
    response_model=TodoProcessed | ProcessingStarted,
    responses=WRITE_RESPONSES,
    deprecated=True,
)
async def process_todos(ctx: TasksWrite, body: ProcessBody = None) -> Response:
    """Complete, reopen or delete many tasks. Use `POST /api/v1/tasks/bulk` instead.

    Without a body, a background job completes all open tasks. The header `Location` contains the
    URL of the job. To complete tasks by filter, use `POST /api/v1/tasks/bulk-process` instead.
    """
    if body is None:
        job = await start_bulk_process(ctx, make_complete_all())
        headers = {"Location": f"/api/v1/jobs/{job['id']}"}
        return build_json_response({"message": "Processing started"}, headers=headers)
    numbers = list(dict.fromkeys(body.ids))
    result = await process_operations(ctx, make_bulk_request(numbers, body.action))
    done = {
        number
        for number, outcome in zip(numbers, result.outcomes, strict=True)
        if outcome.error is None
    }
    return build_json_response(
        {
            "processed": [number for number in numbers if number in done],
            "missing": [number for number in numbers if number not in done],
        }
    )


# `/todos` and `/api/todo` have the same operations.
for _base, _collection in (("/todos", "/todos/"), ("/api/todo", "/api/todo")):
    _one = f"{_base}/{{number}}"
    for _method, _path, _verb, _handler, _model, _status, _responses in (
        (
            "GET",
            _collection,
            "List todos",
            list_todos,
            list[Todo],
            200,
            LINK_RESPONSE | READ_RESPONSES,
        ),
        (
            "POST",
            _collection,
            "Create todo",
            create_todo,
            Todo,
            201,
            CREATED_RESPONSE | WRITE_RESPONSES,
        ),
        ("GET", _one, "Get todo", get_todo, Todo, 200, NOT_MODIFIED | READ_RESPONSES),
        ("PUT", _one, "Replace todo", put_todo, Todo, 200, UPDATE_RESPONSES),
        ("PATCH", _one, "Update todo", patch_todo, Todo, 200, UPDATE_RESPONSES),
        ("DELETE", _one, "Delete todo", delete_todo, None, 204, DELETE_RESPONSES),
    ):
        router.add_api_route(
            _path,
            _handler,
            methods=[_method],
            summary=f"{_verb} at {_base}",
            status_code=_status,
            response_model=_model,
            responses=_responses,
            deprecated=True,
        )
