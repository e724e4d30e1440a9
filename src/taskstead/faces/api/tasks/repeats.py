"""Repeating tasks: complete and skip occurrences, list them, and preview rules."""

from typing import Annotated

from fastapi import APIRouter, Body, Query, Request
from starlette.responses import Response

from taskstead.errors import (
    NotRepeatingError,
    OccurrenceOverError,
    OpenSubtasksError,
    TaskTrashedError,
)
from taskstead.faces.api.tasks.subtasks import SubtasksParameter
from taskstead.formats.json.occurrences import render_ended_occurrence, render_upcoming
from taskstead.formats.json.tasks import render_task
from taskstead.http.requests.authentication import TasksRead, TasksWrite
from taskstead.http.requests.path_params import TaskReferenceParameter
from taskstead.http.requests.route_class import Route
from taskstead.http.responses.documented_errors import (
    BODY_ERRORS,
    COMMON_ERRORS,
    WORKSPACE_ERRORS,
    document_problems,
)
from taskstead.http.responses.etags import PRECONDITION_ERRORS, build_resource, read_precondition
from taskstead.http.responses.json import build_json_response
from taskstead.http.responses.pagination import DEFAULT_LIMIT, Cursor, Limit, build_page
from taskstead.schemas.tasks.repeats import (
    MAX_UPCOMING,
    EndedOccurrences,
    OccurrenceChoice,
    RepeatPreview,
    UpcomingOccurrences,
)
from taskstead.schemas.tasks.tasks import Task
from taskstead.services.tasks.repeats.occurrences import (
    preview_repeat,
    read_ended_occurrences,
    read_upcoming_occurrences,
)
from taskstead.services.tasks.update import complete_task, skip_occurrence

router = APIRouter(prefix="/api/v1", tags=["repeating tasks"], route_class=Route)

_WRITE_ERRORS = (
    *COMMON_ERRORS,
    *BODY_ERRORS,
    *WORKSPACE_ERRORS,
    *PRECONDITION_ERRORS,
    TaskTrashedError,
    OccurrenceOverError,
)
OptionalChoice = Annotated[OccurrenceChoice | None, Body(examples=[{"occurrence": "2026-11-30"}])]


@router.post(
    "/tasks/{task}/complete",
    summary="Complete task",
    response_model=Task,
    responses=document_problems(*_WRITE_ERRORS, OpenSubtasksError),
)
async def complete(
    request: Request,
    ctx: TasksWrite,
    task: TaskReferenceParameter,
    body: OptionalChoice = None,
    *,
    subtasks: SubtasksParameter = None,
) -> Response:
    """Complete a task, or the current occurrence of a repeating task.

    A repeating task stays open and gets the next due date. If no occurrence is left, it is done.
    """
    occurrence = None if body is None else body.occurrence
    precondition = read_precondition(request)
    row = await complete_task(ctx, task, occurrence, precondition, subtasks=subtasks)
    return build_resource(row, render_task(row))


@router.post(
    "/tasks/{task}/skip",
    summary="Skip occurrence",
    response_model=Task,
    responses=document_problems(*_WRITE_ERRORS, NotRepeatingError),
)
async def skip(
    request: Request, ctx: TasksWrite, task: TaskReferenceParameter, body: OptionalChoice = None
) -> Response:
    """Skip the current occurrence of a repeating task: it gets the next due date.

    If no occurrence is left, the task is done.
    """
    occurrence = None if body is None else body.occurrence
    row = await skip_occurrence(ctx, task, occurrence, read_precondition(request))
    return build_resource(row, render_task(row))


@router.get(
    "/tasks/{task}/occurrences",
    summary="List occurrences",
    response_model=EndedOccurrences | UpcomingOccurrences,
    responses=document_problems(*COMMON_ERRORS, *WORKSPACE_ERRORS),
)
async def list_occurrences(
    ctx: TasksRead,
    task: TaskReferenceParameter,
    *,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
    next_: Annotated[
        int | None,
        Query(
            alias="next",
            ge=1,
            le=MAX_UPCOMING,
            description="Return this many occurrences after the current one instead, as if each "
            "were completed on its day.",
            examples=[10],
        ),
    ] = None,
) -> Response:
    """List the completed and skipped occurrences of a repeating task, the most recent first."""
    if next_ is not None:
        upcoming = await read_upcoming_occurrences(ctx, task, next_)
        return build_json_response(render_upcoming(upcoming.occurrences, upcoming.time_zone))
    page = await read_ended_occurrences(ctx, task, cursor=cursor, limit=limit)
    return build_page(page, render_ended_occurrence)


@router.post(
    "/repeat/preview",
    summary="Preview rule",
    response_model=UpcomingOccurrences,
    responses=document_problems(*COMMON_ERRORS, *BODY_ERRORS, *WORKSPACE_ERRORS),
)
async def preview(ctx: TasksRead, body: RepeatPreview) -> Response:
    """Return the first occurrences of a rule, beginning with the due date. Nothing is stored."""
    occurrences = await preview_repeat(ctx, body)
    return build_json_response(render_upcoming(occurrences, body.due_time_zone))
