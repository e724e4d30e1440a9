"""``/api/v1/tasks/bulk`` and ``bulk-process``: many tasks in one request."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Request
from starlette.responses import Response

from taskstead.errors import NameTakenError, RevisionMismatchError, TaskTrashedError
from taskstead.http.authentication import TasksWriter
from taskstead.http.problems import (
    ANYWHERE,
    IN_WORKSPACE,
    WITH_BODY,
    document_problems,
    render_problem,
)
from taskstead.http.responses import build_json_response
from taskstead.http.routes import Route
from taskstead.http.state import AppState
from taskstead.schemas.bulk import BulkAnswer, BulkRequest
from taskstead.schemas.bulk_process import BulkPreview, BulkProcess, render_preview
from taskstead.schemas.jobs import Job, render_job
from taskstead.schemas.tasks import render_written_task
from taskstead.services.bulk import Outcome, process_operations
from taskstead.services.bulk_process import preview_bulk_process, start_bulk_process

JOB_LOCATION: dict[str, Any] = {
    "Location": {"description": "Where the job is.", "schema": {"type": "string"}}
}

router = APIRouter(prefix="/api/v1/tasks", tags=["tasks"], route_class=Route)


@router.post(
    "/bulk",
    summary="Write many tasks",
    response_model=BulkAnswer,
    responses=document_problems(
        *ANYWHERE,
        *WITH_BODY,
        *IN_WORKSPACE,
        NameTakenError,
        TaskTrashedError,
        RevisionMismatchError,
    ),
)
async def process_bulk(
    request: Request, principal: TasksWriter, server: AppState, body: BulkRequest
) -> Response:
    """Create, update, trash, restore and purge up to 1,000 tasks in one transaction.

    The operations are done one after another, and each sees what those before it have done: a task
    that is created with an id of the client's can be updated, or be a parent, further down. In the
    log they are one batch.

    With `atomic` (the default) either all are done or none: the first one that cannot be done is
    the answer, as the problem document that it would have had as a request of its own, with
    pointers like `/operations/17/task/priority`. With `atomic: false` the answer is always 200, and
    each operation has its own status and problem.

    Operations of the same kind cost least when they follow one another.
    """
    result = await process_operations(server.database, principal, body)
    outcomes, written = result.outcomes, result.written
    failed = sum(outcome.problem is not None for outcome in outcomes)
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
    return {
        "status": outcome.status,
        "id": outcome.task_id,
        "task": outcome.task and render_written_task(outcome.task),
        "problem": outcome.problem and render_problem(request, outcome.problem),
    }


@router.post(
    "/bulk-process",
    summary="Process tasks by filter",
    status_code=202,
    response_model=Job,
    responses={
        200: {"model": BulkPreview, "description": "It was a dry run, and nothing was done."},
        202: {"description": "The job is in the queue.", "headers": JOB_LOCATION},
        **document_problems(*ANYWHERE, *WITH_BODY, *IN_WORKSPACE),
    },
)
async def process_by_filter(
    principal: TasksWriter,
    server: AppState,
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
    """Do one thing to all tasks that meet a filter, or to the tasks in `ids`, in the background.

    With `dry_run` nothing is done, and the answer says which tasks it would be about.

    The answer is a job; `GET /api/v1/jobs/{job_id}` tells how far it has come. It is about the
    tasks that meet the filter when it begins, and does them in chunks, each a transaction and a
    batch in the log: exactly once, also when the server is stopped in between and started again.
    `POST /api/v1/jobs/{job_id}/cancel` stops it; what is done until then stays done.
    """
    if body.dry_run:
        matched, rows = await preview_bulk_process(server.database, principal, body)
        return build_json_response(render_preview(matched, rows))
    row = await start_bulk_process(server.database, principal, body)
    server.wakeup.notify()
    return build_accepted_response(row)


def build_accepted_response(row: dict[str, Any]) -> Response:
    """Answer 202 with a job and its place."""
    headers = {"Location": f"/api/v1/jobs/{row['id']}"}
    return build_json_response(render_job(row), status=202, headers=headers)
