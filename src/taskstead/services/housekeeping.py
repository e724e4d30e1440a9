"""What the server does by itself each hour: a job in the queue, done once among all processes.

Each process enqueues the job of the hour, which has the same id for all of them, so the first one
does and the others find it there. Chores are done in chunks like those of any job.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial

from taskstead.clock import get_now, render_instant
from taskstead.db.database import Database, UniqueViolationError
from taskstead.errors import NotFoundError
from taskstead.ids import make_named_id
from taskstead.jobs.queue import (
    Job,
    delete_old_jobs,
    enqueue_job,
    finish_job,
    has_job,
    save_progress,
)
from taskstead.jobs.wakeup import JobSignal
from taskstead.queries.log_compaction import find_workspace_with_old_log
from taskstead.queries.trash import find_workspace_with_trash
from taskstead.queries.workspace_trash import find_abandoned_workspace, find_expired_workspace
from taskstead.services.audit import delete_old_events
from taskstead.services.changes import begin_batch, write_batch
from taskstead.services.idempotency import delete_expired_keys
from taskstead.services.log_compaction import compact_log
from taskstead.services.trash_purge import purge_expired_in_batch
from taskstead.services.workspace_trash import abandon_workspace, purge_part_of_workspace

KIND = "housekeeping"
PURGE_KIND = "purge_workspaces"
# How long jobs that have ended can be looked at.
JOB_DAYS = 30
_EVERY = timedelta(hours=1)
_FIRST_AFTER_SECONDS = 60.0
_CHUNK = 500
_LOG_CHUNK = 2000

logger = logging.getLogger("taskstead.services")


@contextlib.asynccontextmanager
async def housekeeping_schedule(
    database: Database,
    wakeup: JobSignal,
    *,
    trash_days: int,
    log_days: int = 0,
    audit_days: int = 0,
    first_after_seconds: float = _FIRST_AFTER_SECONDS,
) -> AsyncGenerator[None]:
    """Enqueue the job of each hour, as long as the block runs.

    Args:
        database: the application's database.
        wakeup: rung when there is something to do.
        trash_days: how long things lie in the trash; 0 for ever.
        log_days: how long changes are kept in the log; 0 for ever.
        audit_days: how long events are kept in the audit log; 0 for ever.
        first_after_seconds: when to look first, so that a start is not burdened with it.
    """
    enqueue = partial(
        enqueue_housekeeping,
        database,
        trash_days=trash_days,
        log_days=log_days,
        audit_days=audit_days,
    )
    task = asyncio.create_task(_schedule(enqueue, wakeup, first_after_seconds))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _schedule(
    enqueue: Callable[[], Awaitable[bool]], wakeup: JobSignal, first_after_seconds: float
) -> None:
    await asyncio.sleep(first_after_seconds)
    while True:
        try:
            if await enqueue():
                wakeup.notify()
        except Exception:
            # The database may be back at the next time.
            logger.exception("Housekeeping could not be put in the queue.")
        await asyncio.sleep(_EVERY.total_seconds())


async def enqueue_housekeeping(
    database: Database,
    *,
    trash_days: int,
    log_days: int = 0,
    audit_days: int = 0,
    now: datetime | None = None,
) -> bool:
    """Put the job of this hour in the queue; False when somebody has done so already."""
    now = now or get_now()
    job_id = make_named_id(f"{KIND} {now:%Y-%m-%dT%H}")
    if await has_job(database, job_id):
        return False
    # Told at the beginning: chunks must agree, and nothing that comes later is meant.
    payload = {
        "until": render_instant(now - timedelta(days=trash_days)) if trash_days else None,
        "log_until": render_instant(now - timedelta(days=log_days)) if log_days else None,
        "audit_until": render_instant(now - timedelta(days=audit_days)) if audit_days else None,
        "jobs_until": render_instant(now - timedelta(days=JOB_DAYS)),
    }
    try:
        async with database.transaction() as transaction:
            await enqueue_job(
                transaction,
                kind=KIND,
                payload=payload,
                workspace_id=None,
                user_id=None,
                job_id=job_id,
            )
    except UniqueViolationError:
        return False
    return True


async def run_housekeeping(database: Database, job: Job) -> bool:
    """Do the next chunk of the chores; True at the end.

    That is to delete for good what has lain in the trash too long, chunk by chunk and workspace by
    workspace, then workspaces that have, then changes that are too old for the log, old events of
    the audit log, idempotency keys whose time is over, and jobs that ended long ago.

    Raises:
        JobLostError: the worker no longer holds the job.
    """
    chores = (
        ("until", _purge_next),
        ("until", _abandon_next),
        ("log_until", _compact_next),
        ("audit_until", _forget_next),
    )
    for name, do_next in chores:
        until = job.payload.get(name)
        if until is not None and await do_next(database, job, datetime.fromisoformat(until)):
            return False
    if await _purge_next_workspace(database, job):
        return False
    job.progress.count("keys", await delete_expired_keys(database))
    async with database.transaction() as transaction:
        before = datetime.fromisoformat(job.payload["jobs_until"])
        job.progress.count("jobs", await delete_old_jobs(transaction, before))
        await finish_job(transaction, job)
    if any(job.progress.result.values()):
        logger.info("Deleted for good: %s", job.progress.result)
    return True


async def _purge_next(database: Database, job: Job, until: datetime) -> bool:
    """Purge a chunk of the trash of one workspace; False when there is none left anywhere."""
    workspace_id = await find_workspace_with_trash(database, until=until)
    if workspace_id is None:
        return False
    try:
        async with database.transaction() as transaction:
            batch = await begin_batch(transaction, workspace_id, user_id=None, credential_id=None)
            purged = await purge_expired_in_batch(batch, until=until, limit=_CHUNK)
            await write_batch(batch)
            for kind, number in (+purged).items():
                job.progress.count(kind, number)
            job.progress.done += purged.total()
            await save_progress(transaction, job)
    except NotFoundError:
        # The workspace has gone meanwhile, and its trash with it.
        pass
    return True


async def _abandon_next(database: Database, job: Job, until: datetime) -> bool:
    """Have a workspace whose time in the trash is over be purged; False when there is none."""
    workspace_id = await find_expired_workspace(database, until=until)
    if workspace_id is None:
        return False
    async with database.transaction() as transaction:
        await abandon_workspace(transaction, workspace_id, until=until)
        await save_progress(transaction, job)
    return True


async def _purge_next_workspace(database: Database, job: Job) -> bool:
    """Purge a chunk of an abandoned workspace; False when there is none."""
    workspace_id = await find_abandoned_workspace(database)
    if workspace_id is None:
        return False
    async with database.transaction() as transaction:
        kind, count = await purge_part_of_workspace(
            transaction, workspace_id, job.progress.cursor, limit=_CHUNK
        )
        job.progress.count(kind, count)
        job.progress.done += count
        await save_progress(transaction, job)
    return True


async def purge_abandoned(database: Database, job: Job) -> bool:
    """Do the next chunk of a job that purges the workspaces of a deleted account; True at the end.

    Raises:
        JobLostError: the worker no longer holds the job.
    """
    if await _purge_next_workspace(database, job):
        return False
    async with database.transaction() as transaction:
        await finish_job(transaction, job)
    return True


async def _compact_next(database: Database, job: Job, until: datetime) -> bool:
    """Delete a chunk of old changes from the log of one workspace; False when there are none."""
    found = await find_workspace_with_old_log(database, until=until)
    if found is None:
        return False
    async with database.transaction() as transaction:
        count = await compact_log(
            transaction,
            found["id"],
            oldest=found["oldest_revision"],
            until=until,
            limit=_LOG_CHUNK,
        )
        job.progress.count("changes", count)
        job.progress.done += count
        await save_progress(transaction, job)
    return True


async def _forget_next(database: Database, job: Job, until: datetime) -> bool:
    """Delete a chunk of old events from the audit log; False when there are none."""
    async with database.transaction() as transaction:
        count = await delete_old_events(transaction, until=until, limit=_LOG_CHUNK)
        if count:
            job.progress.count("events", count)
            job.progress.done += count
            await save_progress(transaction, job)
    return count > 0
