"""``/api/v1/jobs``: the background jobs of a workspace."""

from fastapi import APIRouter
from starlette.responses import Response

from taskstead.errors import JobEndedError
from taskstead.formats.json.system import render_job
from taskstead.http.requests.authentication import TasksRead, TasksWrite
from taskstead.http.requests.path_params import IdParameter
from taskstead.http.requests.route_class import Route
from taskstead.http.responses.documented_errors import (
    COMMON_ERRORS,
    WORKSPACE_ERRORS,
    document_problems,
)
from taskstead.http.responses.json import build_json_response
from taskstead.http.responses.pagination import DEFAULT_LIMIT, Cursor, Limit, build_page
from taskstead.queries.system.jobs import get_job
from taskstead.schemas.base import Page
from taskstead.schemas.system.jobs import Job
from taskstead.services.jobs import cancel_job, read_jobs

PATH = "/api/v1/jobs"
READ_RESPONSES = document_problems(*COMMON_ERRORS, *WORKSPACE_ERRORS)

router = APIRouter(prefix=PATH, tags=["jobs"], route_class=Route)


@router.get("", summary="List jobs", response_model=Page[Job], responses=READ_RESPONSES)
async def list_all(ctx: TasksRead, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> Response:
    """List the background jobs of the workspace, newest first."""
    page = await read_jobs(ctx, cursor=cursor, limit=limit)
    return build_page(page, render_job)


@router.get("/{job_id}", summary="Get job", response_model=Job, responses=READ_RESPONSES)
async def get(ctx: TasksRead, job_id: IdParameter) -> Response:
    """Return one job with its state, progress and errors."""
    return build_json_response(
        render_job(await get_job(ctx.database, ctx.principal.workspace_id, job_id))
    )


@router.post(
    "/{job_id}/cancel",
    summary="Cancel job",
    response_model=Job,
    responses=document_problems(*COMMON_ERRORS, *WORKSPACE_ERRORS, JobEndedError),
)
async def cancel(ctx: TasksWrite, job_id: IdParameter) -> Response:
    """Cancel a job. Completed work is not reverted. You can safely repeat the request."""
    return build_json_response(render_job(await cancel_job(ctx, job_id)))
