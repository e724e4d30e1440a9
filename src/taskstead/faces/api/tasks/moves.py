"""``/api/v1/tasks/{task}/move``: move a task in the manual order."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from taskstead.errors import OpenSubtasksError, TaskTrashedError
from taskstead.faces.api.tasks.subtasks import SubtasksParameter
from taskstead.formats.json.tasks import render_task
from taskstead.http.requests.authentication import TasksWrite
from taskstead.http.requests.path_params import TaskReferenceParameter
from taskstead.http.requests.route_class import Route
from taskstead.http.responses.documented_errors import (
    BODY_ERRORS,
    COMMON_ERRORS,
    WORKSPACE_ERRORS,
    document_problems,
)
from taskstead.http.responses.etags import PRECONDITION_ERRORS, build_resource, read_precondition
from taskstead.schemas.tasks.places import TaskPlace
from taskstead.schemas.tasks.tasks import Task
from taskstead.services.tasks.move import move_task

router = APIRouter(prefix="/api/v1/tasks", tags=["tasks"], route_class=Route)


@router.post(
    "/{task}/move",
    summary="Move task",
    response_model=Task,
    responses=document_problems(
        *COMMON_ERRORS,
        *BODY_ERRORS,
        *WORKSPACE_ERRORS,
        TaskTrashedError,
        OpenSubtasksError,
        *PRECONDITION_ERRORS,
    ),
)
async def move(
    request: Request,
    ctx: TasksWrite,
    task: TaskReferenceParameter,
    body: TaskPlace,
    *,
    subtasks: SubtasksParameter = None,
) -> Response:
    """Move a task in the manual order, which is the order of `sort=position`.

    The new position is before or after another task, at the start or at the end. Only the
    `position` of this task changes. Trashed tasks keep their positions.
    """
    row = await move_task(ctx, task, body, read_precondition(request), subtasks=subtasks)
    return build_resource(row, render_task(row))
