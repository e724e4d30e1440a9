"""``/api/v1/tasks/export`` and ``import``: all tasks as a file, and back."""

from collections.abc import AsyncGenerator, AsyncIterator
from functools import partial
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request
from pydantic import Field
from starlette.requests import ClientDisconnect
from starlette.responses import Response, StreamingResponse

from taskstead.api.bulk import JOB_LOCATION, build_accepted_response
from taskstead.clock import get_now
from taskstead.errors import UnsupportedMediaTypeError
from taskstead.http.authentication import TasksReader, TasksWriter
from taskstead.http.idempotency import receive_once
from taskstead.http.problems import ANYWHERE, IN_WORKSPACE, WITH_BODY, document_problems
from taskstead.http.queries import document_query, read_query
from taskstead.http.reading import get_content_reader
from taskstead.http.responses import build_empty_response
from taskstead.http.routes import StreamRoute
from taskstead.http.state import AppState, Server
from taskstead.queries.exports import export_tasks
from taskstead.queries.task_filters import build_conditions
from taskstead.schemas.filters import TaskFilter
from taskstead.schemas.jobs import Job
from taskstead.schemas.transfer import TRANSFER_FIELDS
from taskstead.schemas.transfer_formats import (
    ENDINGS,
    IMPORT_TYPES,
    MEDIA_TYPES,
    FileFormat,
)
from taskstead.services.import_rows import OnConflict
from taskstead.services.imports import StoredFile, begin_import, stored_upload

IMPORT_PATH = "/api/v1/tasks/import"
_LINE = '{"title": "Buy oat milk", "tags": ["errand"], "due_date": "2026-12-01"}\n'
_FILES = {
    "application/x-ndjson": _LINE,
    "text/csv": "title,category,tags\r\nBuy oat milk,Household,errand\r\n",
    "text/plain": "(A) 2026-11-21 Buy oat milk +Household @errand due:2026-12-01\n",
}

router = APIRouter(prefix="/api/v1/tasks", tags=["tasks"], route_class=StreamRoute)


class TaskExport(TaskFilter):
    """Which tasks, and as what."""

    format: Annotated[
        FileFormat | None,
        Field(
            description="Left out: CSV where `Accept` asks for `text/csv`, else JSON Lines. "
            "`todotxt` has no field for descriptions, parents, assignees, ids and the trash."
        ),
    ] = None


@router.get(
    "/export",
    summary="Export tasks",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": f"The file. Its fields: {', '.join(TRANSFER_FIELDS)}.",
            "headers": {
                "Content-Disposition": {
                    "description": "A name for the file.",
                    "schema": {"type": "string"},
                }
            },
            "content": {
                kind: {"schema": {"type": "string"}, "example": _FILES[kind]}
                for kind in MEDIA_TYPES.values()
            },
        },
        **document_problems(*ANYWHERE, *IN_WORKSPACE),
    },
    openapi_extra=document_query(TaskExport),
)
async def export(request: Request, principal: TasksReader, server: AppState) -> Response:
    """Export all tasks that meet the conditions, as JSON Lines, CSV or todo.txt.

    The file comes in the order of the numbers, and takes the server no more memory for a million
    tasks than for ten. A task that is there all the while is in it exactly once; of what others
    write meanwhile it has what was there when its turn came. An answer that is broken off is not
    the whole file.
    """
    given = read_query(request, TaskExport)
    kind: FileFormat = given.format or _negotiate(request)
    conditions = build_conditions(principal, given, get_now(), dialect=server.database.dialect)
    zone = ZoneInfo(given.time_zone or principal.time_zone)
    blocks = export_tasks(get_content_reader(server, principal), conditions, kind, zone)
    # What goes wrong with the first block can still be told with a status.
    first = await anext(blocks) + await anext(blocks, b"")
    ending = next(ending for ending, named in ENDINGS.items() if named == kind)
    name = f"tasks-{get_now():%Y-%m-%d}{ending}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Vary": "Accept"}
    return StreamingResponse(_chain(first, blocks), 200, headers, MEDIA_TYPES[kind])


def _negotiate(request: Request) -> FileFormat:
    accepted = request.headers.get("accept", "")
    return "csv" if "text/csv" in accepted.lower() else "jsonl"


async def _chain(first: bytes, blocks: AsyncGenerator[bytes]) -> AsyncIterator[bytes]:
    if first:
        yield first
    async for block in blocks:
        yield block


def _document_body() -> dict[str, Any]:
    content = {
        kind: {"schema": {"type": "string"}, "example": example} for kind, example in _FILES.items()
    }
    return {"requestBody": {"required": True, "content": content}}


@router.post(
    "/import",
    summary="Import tasks",
    status_code=202,
    response_model=Job,
    responses={
        202: {"description": "The job is in the queue.", "headers": JOB_LOCATION},
        **document_problems(*ANYWHERE, *WITH_BODY, *IN_WORKSPACE),
    },
    openapi_extra=_document_body(),
)
async def import_file(
    request: Request,
    principal: TasksWriter,
    server: AppState,
    *,
    kind: Annotated[
        FileFormat | None,
        Query(alias="format", description="Left out: what the `Content-Type` says."),
    ] = None,
    on_conflict: Annotated[
        OnConflict,
        Query(
            description="What to do with a task whose id is in use: leave the one that is there, "
            "replace it (unless it is in the trash), or count a fault."
        ),
    ] = "skip",
) -> Response:
    """Import tasks from a file of JSON Lines, CSV or todo.txt, in the background.

    The body is the file: at most as large as the setting `max_import_bytes` says. The answer is a
    job; `GET /api/v1/jobs/{job_id}` tells how far it has come, and which lines could not be taken
    and why. Each chunk is a transaction and a batch in the log, done exactly once, also when the
    server is stopped in between and started again.

    Ids, times, positions and the state of being in the trash are kept, and numbers where no other
    task has them. A parent may come before or after its sub-tasks.
    """
    format_ = kind or _get_format(request)
    store = partial(
        stored_upload, server.database, principal, kind=format_, on_conflict=on_conflict
    )

    async def begin(server: Server, stored: StoredFile) -> Response:
        row = await begin_import(server.database, principal, stored)
        server.wakeup.notify()
        return build_accepted_response(row)

    try:
        return await receive_once(request, principal, server, store, begin)
    except ClientDisconnect:
        # Nobody is there to read it.
        return build_empty_response()


def _get_format(request: Request) -> FileFormat:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        return IMPORT_TYPES[media_type]
    except KeyError:
        raise UnsupportedMediaTypeError(
            f"Send one of {', '.join(IMPORT_TYPES)}, or say which it is with ?format=."
        ) from None
