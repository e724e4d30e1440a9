"""Housekeeping: an hourly job that deletes expired data.

Every process tries to enqueue the job of the hour. Its id is derived from the hour, so only the
first attempt succeeds, and the job runs once for all processes.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import datetime, timedelta

from taskstead.clock import Clock, render_instant
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
from taskstead.queries.entities import find_workspace_with_expired_rows
from taskstead.queries.history.compaction import find_workspace_with_old_log
from taskstead.queries.workspaces.trash import find_abandoned_workspace, find_expired_workspace
from taskstead.services.audit import delete_old_events
from taskstead.services.changelog import begin_batch, write_batch
from taskstead.services.history.compaction import compact_log
from taskstead.services.idempotency import delete_expired_keys
from taskstead.services.trash_expiry import purge_expired_in_batch
from taskstead.services.workspaces.trash import abandon_workspace, purge_part_of_workspace

KIND = "housekeeping"
PURGE_KIND = "purge_workspaces"
# Days until ended jobs are deleted.
JOB_DAYS = 30
_INTERVAL = timedelta(hours=1)
_FIRST_DELAY_SECONDS = 60.0
# Maximum number of entities, or of rows of a log, that one transaction deletes.
_CHUNK = 500
_LOG_CHUNK = 2000

logger = logging.getLogger("taskstead.services")


@contextlib.asynccontextmanager
async def housekeeping_schedule(
    database: Database,
    wakeup: JobSignal,
    *,
    clock: Clock,
    trash_days: int,
    log_days: int = 0,
    audit_days: int = 0,
    first_delay_seconds: float = _FIRST_DELAY_SECONDS,
) -> AsyncGenerator[None]:
    """Enqueue housekeeping every hour during the ``async with`` block.

    Args:
        database: the application's database.
        wakeup: the signal that wakes the worker.
        clock: the clock of the application.
        trash_days: days until trashed entities are purged; 0 disables it.
        log_days: days until changes are deleted from the change logs; 0 disables it.
        audit_days: days until events are deleted from the audit log; 0 disables it.
        first_delay_seconds: delay of the first job, so that it does not slow down the start.
    """

    async def enqueue() -> bool:
        return await enqueue_housekeeping(
            database,
            now=clock(),
            trash_days=trash_days,
            log_days=log_days,
            audit_days=audit_days,
        )

    task = asyncio.create_task(_schedule(enqueue, wakeup, first_delay_seconds))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _schedule(
    enqueue: Callable[[], Awaitable[bool]], wakeup: JobSignal, first_delay_seconds: float
) -> None:
    await asyncio.sleep(first_delay_seconds)
    while True:
        try:
            if await enqueue():
                wakeup.notify()
        except Exception:
            # Retried after an hour.
            logger.exception("Could not enqueue the housekeeping job.")
        await asyncio.sleep(_INTERVAL.total_seconds())


async def enqueue_housekeeping(
    database: Database,
    *,
    now: datetime,
    trash_days: int,
    log_days: int = 0,
    audit_days: int = 0,
) -> bool:
    """Enqueue the job of this hour; return False if it already exists."""
    job_id = make_named_id(f"{KIND} {now:%Y-%m-%dT%H}")
    if await has_job(database, job_id):
        return False
    # Stored in the job, so that all of its chunks use the same time limits.
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
                now=now,
                job_id=job_id,
            )
    except UniqueViolationError:
        return False
    return True


async def run_housekeeping(database: Database, job: Job) -> bool:
    """Run the next chunk of the housekeeping job; return True when the job is finished.

    In this order it deletes expired entities in the trash, expired workspaces in the trash, old
    changes of the change logs, old events of the audit log, expired idempotency keys, and old jobs.

    Raises:
        JobLostError: the worker has lost the lease.
    """
    steps = (
        ("until", _purge_trash_chunk),
        ("until", _abandon_next_workspace),
        ("log_until", _compact_log_chunk),
        ("audit_until", _delete_events_chunk),
    )
    for name, run_step in steps:
        until = job.payload.get(name)
        if until is not None and await run_step(database, job, datetime.fromisoformat(until)):
            return False
    if await _purge_workspace_chunk(database, job):
        return False
    job.progress.count("keys", await delete_expired_keys(database, now=job.clock()))
    async with database.transaction() as transaction:
        before = datetime.fromisoformat(job.payload["jobs_until"])
        job.progress.count("jobs", await delete_old_jobs(transaction, before))
        await finish_job(transaction, job)
    if any(job.progress.result.values()):
        logger.info("Housekeeping deleted: %s", job.progress.result)
    return True


async def _purge_trash_chunk(database: Database, job: Job, until: datetime) -> bool:
    """Purge a chunk of the trash of one workspace; return False if nothing has expired."""
    workspace_id = await find_workspace_with_expired_rows(database, until=until)
    if workspace_id is None:
        return False
    try:
        async with database.transaction() as transaction:
            batch = await begin_batch(
                transaction, workspace_id, user_id=None, credential_id=None, clock=job.clock
            )
            purged = await purge_expired_in_batch(batch, until=until, limit=_CHUNK)
            await write_batch(batch)
            for kind, number in (+purged).items():
                job.progress.count(kind, number)
            job.progress.done += purged.total()
            await save_progress(transaction, job)
    except NotFoundError:
        # The workspace and its trash were deleted after the query.
        pass
    return True


async def _abandon_next_workspace(database: Database, job: Job, until: datetime) -> bool:
    """Remove the members of one expired workspace; return False if there is none.

    A trashed workspace without members is purged by :func:`_purge_workspace_chunk`.
    """
    workspace_id = await find_expired_workspace(database, until=until)
    if workspace_id is None:
        return False
    async with database.transaction() as transaction:
        await abandon_workspace(transaction, workspace_id, until=until)
        await save_progress(transaction, job)
    return True


async def _purge_workspace_chunk(database: Database, job: Job) -> bool:
    """Purge a chunk of one trashed workspace without members; return False if there is none."""
    workspace_id = await find_abandoned_workspace(database)
    if workspace_id is None:
        return False
    async with database.transaction() as transaction:
        part = await purge_part_of_workspace(
            transaction, workspace_id, job.progress.cursor, limit=_CHUNK
        )
        job.progress.cursor = part.cursor
        job.progress.count(part.kind, part.count)
        job.progress.done += part.count
        await save_progress(transaction, job)
    return True


async def purge_abandoned_workspaces(database: Database, job: Job) -> bool:
    """Run the next chunk of the job that purges trashed workspaces without members.

    The deletion of an account enqueues this job. Returns True when the job is finished.

    Raises:
        JobLostError: the worker has lost the lease.
    """
    if await _purge_workspace_chunk(database, job):
        return False
    async with database.transaction() as transaction:
        await finish_job(transaction, job)
    return True


async def _compact_log_chunk(database: Database, job: Job, until: datetime) -> bool:
    """Delete a chunk of old changes from one change log; return False if there are none."""
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


async def _delete_events_chunk(database: Database, job: Job, until: datetime) -> bool:
    """Delete a chunk of old events from the audit log; return False if there are none."""
    async with database.transaction() as transaction:
        count = await delete_old_events(transaction, until=until, limit=_LOG_CHUNK)
        if count:
            job.progress.count("events", count)
            job.progress.done += count
            await save_progress(transaction, job)
    return count > 0
