"""``/api/v1/tasks/export`` and ``import``: export and import of tasks as files."""

from collections.abc import AsyncGenerator, Callable, Sequence
from functools import partial
from hashlib import sha256
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query, Request
from pydantic import Field
from starlette.requests import ClientDisconnect
from starlette.responses import Response, StreamingResponse

from taskstead.domain.filters.nodes import FilterWarning
from taskstead.errors import UnsupportedMediaTypeError
from taskstead.faces.api.tasks.bulk import JOB_LOCATION, build_accepted_response
from taskstead.formats.file_formats import FILE_EXTENSIONS, MEDIA_TYPES, FileFormat
from taskstead.formats.registry import (
    IMPORT_TYPES,
)
from taskstead.formats.task_record import TRANSFER_FIELDS
from taskstead.http.downloads import DOWNLOAD_HEADERS, build_download
from taskstead.http.requests.authentication import TasksRead, TasksWrite
from taskstead.http.requests.idempotency import held_key, run_once
from taskstead.http.requests.query_params import document_query, read_query
from taskstead.http.requests.route_class import StreamRoute
from taskstead.http.responses.documented_errors import (
    BODY_ERRORS,
    COMMON_ERRORS,
    WORKSPACE_ERRORS,
    document_problems,
)
from taskstead.http.responses.json import build_empty_response
from taskstead.schemas.system.jobs import Job
from taskstead.schemas.tasks.filters import TaskFilter
from taskstead.services.context import WriteContext
from taskstead.services.filters import read_warnings
from taskstead.services.transfer.export import export_tasks
from taskstead.services.transfer.import_rows import OnConflict
from taskstead.services.transfer.imports import StoredFile, begin_import, stored_upload

WARNINGS_HEADER = "Taskstead-Filter-Warnings"
# Some servers accept headers of 4 kB.
_MAX_WARNINGS = 50
_WARNINGS: dict[str, Any] = {
    WARNINGS_HEADER: {
        "description": "The first 50 `warnings` of `filter`, if any, as JSON without messages.",
        "schema": {"type": "string"},
    }
}
IMPORT_PATH = "/api/v1/tasks/import"
_JSONL_EXAMPLE = '{"title": "Buy oat milk", "tags": ["errand"], "due_date": "2026-12-01"}\n'
_FILE_EXAMPLES = {
    "application/x-ndjson": _JSONL_EXAMPLE,
    "text/csv": "title,category,tags\r\nBuy oat milk,Household,errand\r\n",
    "text/plain": "(A) 2026-11-21 Buy oat milk +Household @errand due:2026-12-01\n",
}

router = APIRouter(prefix="/api/v1/tasks", tags=["tasks"], route_class=StreamRoute)


class TaskExport(TaskFilter):
    """The filter and the file format of an export."""

    format: Annotated[
        FileFormat | None,
        Field(
            description="Default: CSV if `Accept` contains `text/csv`, otherwise JSON Lines. "
            "`todotxt` cannot contain descriptions, parents, assignees, ids and trash state."
        ),
    ] = None


@router.get(
    "/export",
    summary="Export tasks",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": f"The file. Its fields: {', '.join(TRANSFER_FIELDS)}.",
            "headers": {**DOWNLOAD_HEADERS, **_WARNINGS},
            "content": {
                kind: {"schema": {"type": "string"}, "example": _FILE_EXAMPLES[kind]}
                for kind in MEDIA_TYPES.values()
            },
        },
        **document_problems(*COMMON_ERRORS, *WORKSPACE_ERRORS),
    },
    openapi_extra=document_query(TaskExport),
)
async def export(request: Request, ctx: TasksRead) -> Response:
    """Export all tasks that match the filters as JSON Lines, CSV or todo.txt.

    The file is sorted by task number. The memory use of the server does not depend on the number of
    tasks. A task that exists during the whole export is included exactly once. A change during the
    export is included if it is committed before the task is read. If the response is aborted, the
    file is incomplete.
    """
    query = read_query(request, TaskExport)
    kind: FileFormat = query.format or _negotiate_format(request)
    now = ctx.now
    ending = next(ending for ending, named in FILE_EXTENSIONS.items() if named == kind)
    warnings = await read_warnings(ctx, query.filter)
    return await build_download(
        export_tasks(ctx, query, kind),
        file_name=f"tasks-{now:%Y-%m-%d}{ending}",
        media_type=MEDIA_TYPES[kind],
        headers={"Vary": "Accept", **_render_warnings(warnings)},
    )


def _render_warnings(warnings: Sequence[FilterWarning]) -> dict[str, str]:
    """Return the header with the warnings of the filter; none without a warning."""
    if not warnings:
        return {}
    # Without the messages, which may be long and contain characters that headers cannot have.
    shown = [
        {"code": warning.code, "start": warning.start, "end": warning.end}
        for warning in warnings[:_MAX_WARNINGS]
    ]
    return {WARNINGS_HEADER: msgspec.json.encode(shown).decode()}


def _negotiate_format(request: Request) -> FileFormat:
    accepted = request.headers.get("accept", "")
    return "csv" if "text/csv" in accepted.lower() else "jsonl"


def _document_body() -> dict[str, Any]:
    content = {
        kind: {"schema": {"type": "string"}, "example": example}
        for kind, example in _FILE_EXAMPLES.items()
    }
    return {"requestBody": {"required": True, "content": content}}


@router.post(
    "/import",
    summary="Import tasks",
    status_code=202,
    response_model=Job,
    responses={
        202: {"description": "The job was queued.", "headers": JOB_LOCATION},
        **document_problems(*COMMON_ERRORS, *BODY_ERRORS, *WORKSPACE_ERRORS),
    },
    openapi_extra=_document_body(),
)
async def import_file(
    request: Request,
    ctx: TasksWrite,
    *,
    kind: Annotated[
        FileFormat | None,
        Query(alias="format", description="Default: according to `Content-Type`."),
    ] = None,
    on_conflict: Annotated[
        OnConflict,
        Query(
            description="How to handle a task whose id already exists: keep the existing task, "
            "replace it (unless it is in the trash), or report an error."
        ),
    ] = "skip",
) -> Response:
    """Import tasks from a file of JSON Lines, CSV or todo.txt, in the background.

    The body is the file. The setting `TASKSTEAD_MAX_IMPORT_BYTES` limits its size. The response is
    a job. `GET /api/v1/jobs/{job_id}` returns its progress, and the lines that could not be
    imported with the reasons. Tasks are imported in chunks. Each chunk is one transaction and one
    batch of the change log. Each chunk is imported exactly once, even if the server restarts before
    the end.

    Ids, timestamps, positions and trash state are preserved. Numbers are preserved unless another
    task has them. A parent may come before or after its sub-tasks.
    """
    file_format = kind or _get_import_format(request)
    # The content type is part of the hash because it determines how the body is parsed.
    hasher = sha256(request.headers.get("content-type", "").encode() + b"\n")
    blocks = _hash_blocks(request, hasher.update)
    try:
        with held_key(request, ctx) as key_hash:
            async with stored_upload(
                ctx, blocks, kind=file_format, on_conflict=on_conflict
            ) as stored:
                respond = partial(_start_import, ctx, stored)
                return await run_once(request, ctx, key_hash, hasher.digest(), respond)
    except ClientDisconnect:
        # The client has disconnected, so the response is never read.
        return build_empty_response()


async def _hash_blocks(
    request: Request, add_to_hash: Callable[[bytes], None]
) -> AsyncGenerator[bytes]:
    """Yield the body of a request in blocks, and add each block to the hash."""
    async for block in request.stream():
        add_to_hash(block)
        yield block


async def _start_import(ctx: WriteContext, stored: StoredFile) -> Response:
    return build_accepted_response(await begin_import(ctx, stored))


def _get_import_format(request: Request) -> FileFormat:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        return IMPORT_TYPES[media_type]
    except KeyError:
        raise UnsupportedMediaTypeError(
            f"The Content-Type must be one of {', '.join(IMPORT_TYPES)}, or add ?format=."
        ) from None
