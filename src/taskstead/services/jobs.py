"""Lists, cancels and retries background jobs. The queue is in ``jobs/queue.py``."""

from taskstead.domain.jobs import JobState
from taskstead.errors import JobEndedError, JobNotFailedError
from taskstead.formats.cursor import AFTER_ALL_TIMES, CursorCodec, Page, decode_id, decode_time
from taskstead.ids import AFTER_ALL_IDS
from taskstead.jobs import queue
from taskstead.queries.system.jobs import get_job, get_server_job, list_jobs, list_server_jobs
from taskstead.services.audit import record_event
from taskstead.services.context import ReadContext, WriteContext
from taskstead.tables.jobs import JobRow


async def read_jobs(ctx: ReadContext, *, cursor: str | None, limit: int) -> Page[JobRow]:
    """Return a page of the jobs of the workspace, newest first.

    Raises:
        ValidationFailedError: the cursor is invalid.
    """
    cursors = CursorCodec("jobs", decode_id)
    (before,) = cursors.decode(cursor, AFTER_ALL_IDS)
    rows = await list_jobs(
        ctx.database, ctx.principal.workspace_id, before_id=before, limit=limit + 1
    )
    return cursors.make_page(rows, limit, lambda row: (row["id"],))


async def read_server_jobs(
    ctx: ReadContext,
    *,
    states: list[JobState] | None,
    kind: str | None,
    cursor: str | None,
    limit: int,
) -> Page[JobRow]:
    """Return a page of the jobs of all workspaces and of the server, newest first.

    Args:
        ctx: the context of the request.
        states: only jobs in one of these states are returned.
        kind: only jobs of this kind are returned.
        cursor: the cursor of the page; None for the first page.
        limit: the page size.

    Raises:
        ValidationFailedError: the cursor is invalid or belongs to another listing.
    """
    cursors = CursorCodec(f"server jobs {states} {kind}", decode_time, decode_id)
    before_time, before_id = cursors.decode(cursor, AFTER_ALL_TIMES, AFTER_ALL_IDS)
    rows = await list_server_jobs(
        ctx.database,
        states=states or (),
        kind=kind,
        before=(before_time, before_id),
        limit=limit + 1,
    )
    return cursors.make_page(rows, limit, lambda row: (row["created_at"], row["id"]))


async def cancel_job(ctx: WriteContext, job_id: str) -> JobRow:
    """Cancel a job of the workspace; return its row. A cancelled job is not changed.

    The changes of finished chunks remain. The current chunk is rolled back.

    Raises:
        NotFoundError: the workspace has no such job.
        JobEndedError: the job is done or has failed.
    """
    async with ctx.database.transaction() as transaction:
        await get_job(transaction, ctx.principal.workspace_id, job_id)
        was_active = await queue.cancel_job(transaction, job_id, now=ctx.clock())
        row = await get_job(transaction, ctx.principal.workspace_id, job_id)
        if not was_active and row["state"] != "cancelled":
            raise JobEndedError(f"The job has already ended (state: {row['state']}).")
        return row


async def cancel_server_job(ctx: WriteContext, job_id: str) -> JobRow:
    """Cancel any job on the server, for an administrator; return its row. See :func:`cancel_job`.

    Raises:
        NotFoundError: there is no such job.
        JobEndedError: the job is done or has failed.
    """
    async with ctx.database.transaction() as transaction:
        old = await get_server_job(transaction, job_id)
        now = ctx.clock()
        if await queue.cancel_job(transaction, job_id, now=now):
            await record_event(
                transaction,
                "job.cancelled",
                at=now,
                by=ctx.principal,
                subject_id=job_id,
                job=old["kind"],
            )
        elif old["state"] != "cancelled":
            raise JobEndedError(f"The job has already ended (state: {old['state']}).")
        return await get_server_job(transaction, job_id)


async def retry_job(ctx: WriteContext, job_id: str) -> JobRow:
    """Enqueue a failed job again, for an administrator; return its row.

    The job continues after its last finished chunk.

    Raises:
        NotFoundError: there is no such job.
        JobNotFailedError: the job has not failed.
    """
    async with ctx.database.transaction() as transaction:
        old = await get_server_job(transaction, job_id)
        now = ctx.clock()
        if not await queue.retry_failed_job(transaction, job_id, now=now):
            raise JobNotFailedError(
                f"Only a failed job can be retried; this job is {old['state']}."
            )
        await record_event(
            transaction,
            "job.retried",
            at=now,
            by=ctx.principal,
            subject_id=job_id,
            job=old["kind"],
        )
        row = await get_server_job(transaction, job_id)
    ctx.has_new_jobs = True
    return row
