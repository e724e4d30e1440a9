"""``/api/v1/admin/jobs``: the background jobs of all workspaces, for administrators."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from taskstead.domain.jobs import JobState
from taskstead.errors import JobEndedError, JobNotFailedError, NotFoundError
from taskstead.formats.json.system import render_server_job
from taskstead.http.requests.authentication import AdminRead, AdminWrite
from taskstead.http.requests.path_params import IdParameter
from taskstead.http.requests.route_class import Route
from taskstead.http.responses.documented_errors import (
    COMMON_ERRORS,
    TOKEN_ERRORS,
    document_problems,
)
from taskstead.http.responses.json import build_json_response
from taskstead.http.responses.pagination import DEFAULT_LIMIT, Cursor, Limit, build_page
from taskstead.queries.system.jobs import get_server_job
from taskstead.schemas.base import Page
from taskstead.schemas.system.jobs import ServerJob
from taskstead.services.jobs import cancel_server_job, read_server_jobs, retry_job

READ_RESPONSES = document_problems(*COMMON_ERRORS, *TOKEN_ERRORS)
ITEM_ERRORS = (*COMMON_ERRORS, *TOKEN_ERRORS, NotFoundError)

router = APIRouter(prefix="/api/v1/admin/jobs", tags=["administration"], route_class=Route)


@router.get(
    "", summary="List server jobs", response_model=Page[ServerJob], responses=READ_RESPONSES
)
async def list_all(
    *,
    ctx: AdminRead,
    state: Annotated[
        list[JobState] | None, Query(max_length=5, description="Only jobs in one of these states.")
    ] = None,
    kind: Annotated[
        str | None,
        Query(
            max_length=40,
            pattern="^[a-z_]+$",
            description="Only jobs of this kind.",
            examples=["import"],
        ),
    ] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Response:
    """List the background jobs of all workspaces and of the server, newest first."""
    page = await read_server_jobs(ctx, states=state, kind=kind, cursor=cursor, limit=limit)
    return build_page(page, render_server_job)


@router.get(
    "/{job_id}",
    summary="Get server job",
    response_model=ServerJob,
    responses=document_problems(*ITEM_ERRORS),
)
async def get(ctx: AdminRead, job_id: IdParameter) -> Response:
    """Return one job."""
    return build_json_response(render_server_job(await get_server_job(ctx.database, job_id)))


@router.post(
    "/{job_id}/cancel",
    summary="Cancel server job",
    response_model=ServerJob,
    responses=document_problems(*ITEM_ERRORS, JobEndedError),
)
async def cancel(ctx: AdminWrite, job_id: IdParameter) -> Response:
    """Cancel a job. Completed work is not reverted. You can safely repeat the request."""
    row = await cancel_server_job(ctx, job_id)
    return build_json_response(render_server_job(row))


@router.post(
    "/{job_id}/retry",
    summary="Retry server job",
    response_model=ServerJob,
    responses=document_problems(*ITEM_ERRORS, JobNotFailedError),
)
async def retry(ctx: AdminWrite, job_id: IdParameter) -> Response:
    """Retry a failed job. It resumes where it stopped."""
    row = await retry_job(ctx, job_id)
    return build_json_response(render_server_job(row))
