"""``/api/v1/tasks/bulk`` and ``bulk-process``: changes to many tasks in one request."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Request
from starlette.responses import Response

from taskstead.errors import (
    NameTakenError,
    OpenSubtasksError,
    RevisionMismatchError,
    TaskTrashedError,
)
from taskstead.formats.json.system import render_job
from taskstead.formats.json.tasks import render_preview, render_written_task
from taskstead.http.requests.authentication import TasksWrite
from taskstead.http.requests.route_class import Route
from taskstead.http.responses.documented_errors import (
    BODY_ERRORS,
    COMMON_ERRORS,
    WORKSPACE_ERRORS,
    document_problems,
)
from taskstead.http.responses.error_mapping import get_status
from taskstead.http.responses.json import build_json_response
from taskstead.http.responses.problem_details import render_problem
from taskstead.schemas.system.jobs import Job
from taskstead.schemas.tasks.bulk import BulkAnswer, BulkRequest
from taskstead.schemas.tasks.bulk_process import BulkPreview, BulkProcess
from taskstead.services.tasks.bulk.operations import Outcome, process_operations
from taskstead.services.tasks.bulk.process import preview_bulk_process, start_bulk_process
from taskstead.tables.jobs import JobRow

JOB_LOCATION: dict[str, Any] = {
    "Location": {"description": "The URL of the job.", "schema": {"type": "string"}}
}
# The statuses of the equivalent single requests.
_STATUSES = {"created": 201, "changed": 200, "removed": 204}

router = APIRouter(prefix="/api/v1/tasks", tags=["tasks"], route_class=Route)


@router.post(
    "/bulk",
    summary="Write many tasks",
    response_model=BulkAnswer,
    responses=document_problems(
        *COMMON_ERRORS,
        *BODY_ERRORS,
        *WORKSPACE_ERRORS,
        NameTakenError,
        TaskTrashedError,
        OpenSubtasksError,
        RevisionMismatchError,
    ),
)
async def process_bulk(request: Request, ctx: TasksWrite, body: BulkRequest) -> Response:
    """Create, update, trash, restore and purge up to 1,000 tasks in one transaction.

    The operations run in order, and each sees the effects of the previous ones. For example, you
    can create a task with your own id and then update it or use it as a parent. All operations form
    one batch in the change log.

    With `atomic` (the default), either all operations succeed or none is applied. The response to a
    failure is the problem document of the first operation that failed, with pointers such as
    `/operations/17/task/priority`. With `atomic: false`, the operations that succeed are
    applied even if others fail. The status is then 200, and each operation has its own status and
    problem.

    The request is fastest if operations of the same kind follow each other.
    """
    result = await process_operations(ctx, body)
    outcomes, written = result.outcomes, result.written
    failed = sum(outcome.error is not None for outcome in outcomes)
    return build_json_response(
        {
            "results": [_render_outcome(request, outcome) for outcome in outcomes],
            "succeeded": len(outcomes) - failed,
            "failed": failed,
            "dry_run": body.dry_run,
            "batch": written and written.id,
            "revision": written and written.revision,
        }
    )


def _render_outcome(request: Request, outcome: Outcome) -> dict[str, Any]:
    error = outcome.error
    status = _STATUSES[outcome.kind] if error is None else get_status(type(error))
    return {
        "status": status,
        "id": outcome.task_id,
        "task": outcome.task and render_written_task(outcome.task),
        "revision": outcome.revision,
        "problem": error and render_problem(request, error),
    }


@router.post(
    "/bulk-process",
    summary="Process tasks by filter",
    status_code=202,
    response_model=Job,
    responses={
        200: {
            "model": BulkPreview,
            "description": "The preview of a dry run. Nothing was changed.",
        },
        202: {"description": "The job was queued.", "headers": JOB_LOCATION},
        **document_problems(*COMMON_ERRORS, *BODY_ERRORS, *WORKSPACE_ERRORS),
    },
)
async def process_by_filter(
    ctx: TasksWrite,
    body: Annotated[
        BulkProcess,
        Body(
            examples=[
                {"filter": {"category": ["Household"], "overdue": True}, "action": "complete"},
                {"filter": {"tag": ["next week"]}, "action": "shift_due_dates", "days": 7},
                {"ids": [17, 18], "action": "trash", "dry_run": True},
            ]
        ),
    ],
) -> Response:
    """Apply one action to the tasks that match a filter or are in `ids`, as a background job.

    With `dry_run`, nothing is changed. The response has the count of tasks that would be processed
    and the first few of these tasks.

    Otherwise the response is a job. `GET /api/v1/jobs/{job_id}` returns its progress. The job
    processes the tasks that match the filter when the job starts. It processes them in chunks. Each
    chunk is one transaction and one batch of the change log. Each task is processed exactly once,
    even if the server restarts before the end. `POST /api/v1/jobs/{job_id}/cancel` stops the job.
    Completed chunks are not reverted.

    Unknown names in a `filter` text are rejected, unless you send `allow_unknown`.
    """
    if body.dry_run:
        preview = await preview_bulk_process(ctx, body)
        return build_json_response(
            render_preview(preview.matched, preview.sample, preview.warnings)
        )
    row = await start_bulk_process(ctx, body)
    return build_accepted_response(row)


def build_accepted_response(row: JobRow) -> Response:
    """Return a 202 response with a job and its URL."""
    headers = {"Location": f"/api/v1/jobs/{row['id']}"}
    return build_json_response(render_job(row), status=202, headers=headers)
