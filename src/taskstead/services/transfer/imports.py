"""Import of a file of tasks, as a background job in chunks.

During the upload the file is split into records, which are stored as parts of the job, up to 250
records each. A chunk of the job imports one part, in one transaction and one batch of the log.

A record whose parent comes later in the file is deferred. The transaction of a chunk stores the
deferred records as a new part and deletes the old part. The parts are processed in rounds. The
first round processes the uploaded parts. Each later round processes the records that the round
before it deferred. The job is finished when a round defers nothing. If a round defers all of its
records, their parents do not exist. The next round is then the last one, and it reports errors for
these records.

``import_rows.py`` imports the tasks of one chunk. The file formats are in ``formats/``.
"""

from collections.abc import AsyncGenerator, AsyncIterable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from taskstead.db.database import Database
from taskstead.errors import FieldError, TasksteadError, ValidationFailedError
from taskstead.formats.file_formats import FileFormat
from taskstead.formats.registry import (
    RawRecord,
    RecordSplitter,
    make_parser,
)
from taskstead.formats.task_record import BadRecordError
from taskstead.jobs.progress import FailedItem
from taskstead.jobs.queue import (
    Job,
    add_job_parts,
    delete_delayed_job,
    delete_job_part,
    finish_job,
    make_job_due,
    save_progress,
)
from taskstead.queries.system.jobs import find_job_part, get_job
from taskstead.schemas.tasks.import_task import ImportTask
from taskstead.services.changelog import Batch, open_batch
from taskstead.services.context import WriteContext
from taskstead.services.job_auth import (
    enqueue_for_principal,
    make_job_context,
    record_job_batch,
)
from taskstead.services.transfer.import_rows import (
    ImportItem,
    ImportRefusedError,
    OnConflict,
    count_results,
    import_tasks_in_batch,
)
from taskstead.tables.jobs import JobRow

KIND = "import"
# Limits of a part: records, and bytes of their text.
CHUNK = 250
_PART_BYTES = 1 << 20
# If the server stops during an upload, the job runs after this time and fails.
_MAX_UPLOAD_TIME = timedelta(days=1)


class _Upload(msgspec.Struct):
    """Description of the uploaded file in a job's payload.

    ``parts`` is the number of parts. It is None until the upload is complete.
    """

    kind: FileFormat
    on_conflict: OnConflict
    columns: list[str] = []
    parts: int | None = None
    total: int = 0


class _Cursor(msgspec.Struct):
    """The progress of an import job. It is stored in the job's row, with the names of the fields.

    Attributes:
        part: number of the next part to import.
        end: number of the last part of this round, plus one.
        following: number that the next part of deferred records will get.
        brought: number of records of this round that were imported or failed.
        is_final: whether this is the last round.
    """

    part: int
    end: int
    following: int
    brought: int = 0
    is_final: bool = False


@dataclass(slots=True)
class StoredFile:
    """A completely uploaded file, and its import job.

    Attributes:
        job_id: the job's id.
        payload: the job's payload.
        has_begun: whether :func:`begin_import` was called.
    """

    job_id: str
    payload: dict[str, Any]
    has_begun: bool = False


@asynccontextmanager
async def stored_upload(
    ctx: WriteContext,
    body: AsyncIterable[bytes],
    *,
    kind: FileFormat,
    on_conflict: OnConflict,
) -> AsyncGenerator[StoredFile]:
    """Store an uploaded file. Call :func:`begin_import` inside the ``async with`` block.

    At the end of the block, the job and its parts are deleted if the import has not begun. This is
    also the case if the transaction of :func:`begin_import` was rolled back.

    Raises:
        ValidationFailedError: the first line of a CSV file is invalid, or a record is too long to
            be a task.
    """
    incomplete = _Upload(kind, on_conflict)
    payload = {"upload": msgspec.to_builtins(incomplete)}
    run_at = ctx.clock() + _MAX_UPLOAD_TIME
    row = await enqueue_for_principal(ctx, KIND, payload, run_at=run_at)
    stored = StoredFile(row["id"], row["payload"])
    is_started = False
    try:
        upload = await _store_body(ctx.database, stored.job_id, body, incomplete)
        stored.payload = {**stored.payload, "upload": msgspec.to_builtins(upload)}
        yield stored
        is_started = stored.has_begun
    except BadRecordError as error:
        field_error = FieldError("", error.message, error.code)
        raise ValidationFailedError(f"{error.message}.", errors=[field_error]) from None
    finally:
        if not is_started:
            async with ctx.database.transaction() as transaction:
                await delete_delayed_job(transaction, stored.job_id)


async def begin_import(ctx: WriteContext, stored: StoredFile) -> JobRow:
    """Start the import of a stored file; return the row of its job."""
    stored.has_begun = True
    async with ctx.database.transaction() as transaction:
        await make_job_due(transaction, stored.job_id, stored.payload)
        row = await get_job(transaction, ctx.principal.workspace_id, stored.job_id)
    ctx.has_new_jobs = True
    return row


async def _store_body(
    database: Database, job_id: str, body: AsyncIterable[bytes], upload: _Upload
) -> _Upload:
    """Store the records of a file as parts of the job; return the complete upload."""
    splitter = RecordSplitter(upload.kind)
    parts = total = 0
    async for records in _split_into_parts(body, splitter):
        part = msgspec.msgpack.encode(records)
        async with database.transaction() as transaction:
            await add_job_parts(transaction, job_id, [part], first=parts)
        parts += 1
        total += len(records)
    return msgspec.structs.replace(upload, columns=splitter.columns, parts=parts, total=total)


async def _split_into_parts(
    body: AsyncIterable[bytes], splitter: RecordSplitter
) -> AsyncGenerator[list[RawRecord]]:
    """Yield the records of a file in lists that are within the limits of a part."""
    records: list[RawRecord] = []
    size = 0
    async for record in _split_into_records(body, splitter):
        records.append(record)
        size += len(record.data)
        if len(records) == CHUNK or size >= _PART_BYTES:
            yield records
            records, size = [], 0
    if records:
        yield records


async def _split_into_records(
    body: AsyncIterable[bytes], splitter: RecordSplitter
) -> AsyncGenerator[RawRecord]:
    async for block in body:
        for record in splitter.feed(block):
            yield record
    for record in splitter.finish():
        yield record


async def import_chunk(database: Database, job: Job) -> bool:
    """Import the next part of a file in its own transaction and batch.

    Returns:
        Whether the job is finished.

    Raises:
        JobLostError: the worker has lost the lease; nothing was imported.
        InsufficientRoleError: the user may no longer change tasks in the workspace.
        ValidationFailedError: the server stopped during the upload.
    """
    ctx = await make_job_context(database, job)
    upload = msgspec.convert(job.payload["upload"], _Upload)
    if upload.parts is None:
        raise ValidationFailedError("The upload was interrupted. Import the file again.")
    first = _Cursor(0, upload.parts, upload.parts)
    cursor = msgspec.convert(job.progress.cursor, _Cursor) if job.progress.cursor else first
    job.progress.total = upload.total
    data = await find_job_part(database, job.id, cursor.part)
    records = [] if data is None else msgspec.msgpack.decode(data, type=list[RawRecord])
    parse = make_parser(upload.kind, upload.columns, ZoneInfo(ctx.principal.time_zone))
    async with open_batch(ctx) as batch:
        result = await _import_records(
            batch, records, parse, upload.on_conflict, is_final=cursor.is_final
        )
        for item in result.failed:
            job.progress.add_failed_item(item)
        for name, number in result.counts.items():
            job.progress.count(name, number)
        processed = len(records) - len(result.deferred)
        job.progress.done += processed
        cursor.brought += processed
        if result.deferred:
            part = msgspec.msgpack.encode(result.deferred)
            await add_job_parts(batch.transaction, job.id, [part], first=cursor.following)
            cursor.following += 1
        record_job_batch(job, batch)
        await delete_job_part(batch.transaction, job.id, cursor.part)
        cursor.part += 1
        if cursor.part >= cursor.end:
            if cursor.following == cursor.end:
                await finish_job(batch.transaction, job)
                return True
            cursor = _Cursor(
                part=cursor.end,
                end=cursor.following,
                following=cursor.following,
                is_final=cursor.brought == 0,
            )
        job.progress.cursor = msgspec.to_builtins(cursor)
        await save_progress(batch.transaction, job)
        return False


class _PartResult(NamedTuple):
    """The results of the records of a part.

    Attributes:
        deferred: the records whose parent has not been imported yet.
        failed: the records that could not be imported, in order.
        counts: numbers of records by result.
    """

    deferred: list[RawRecord]
    failed: list[FailedItem]
    counts: Mapping[str, int]


async def _import_records(
    batch: Batch,
    records: Sequence[RawRecord],
    parse: Callable[[bytes], ImportTask],
    on_conflict: OnConflict,
    *,
    is_final: bool,
) -> _PartResult:
    tasks: list[ImportTask] = []
    parsed: list[RawRecord] = []
    failed: list[FailedItem] = []
    for record in records:
        try:
            tasks.append(parse(record.data))
            parsed.append(record)
        except BadRecordError as error:
            failed.append(FailedItem(record.line, error.message, error.code, error.pointer))
    items = await import_tasks_in_batch(batch, tasks, on_conflict, is_final=is_final)
    deferred: list[RawRecord] = []
    for record, item in zip(parsed, items, strict=True):
        if item.error is not None:
            failed.append(_make_failed_item(record.line, item.error))
        elif item.result == "deferred":
            deferred.append(record)
    failed.sort(key=lambda failure: failure.item)
    return _PartResult(deferred, failed, count_results(items))


def _make_failed_item(line: int, problem: TasksteadError) -> FailedItem:
    pointer = problem.errors[0].pointer if problem.errors else None
    return FailedItem(line, problem.detail, problem.code, pointer)


async def import_tasks(
    ctx: WriteContext,
    tasks: Sequence[ImportTask],
    on_conflict: OnConflict,
    *,
    is_final: bool,
    is_strict: bool = False,
) -> list[ImportItem]:
    """Import tasks in one transaction; see :func:`import_tasks_in_batch`.

    Raises:
        ImportRefusedError: ``is_strict`` is true and a task cannot be imported, so none was.
    """
    async with open_batch(ctx) as batch:
        items = await import_tasks_in_batch(batch, tasks, on_conflict, is_final=is_final)
        if is_strict and any(item.error is not None for item in items):
            raise ImportRefusedError(items)
        return items
