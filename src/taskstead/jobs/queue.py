"""Job queue in SQL. A worker claims a row under a lease and must renew it.

A job runs in chunks. The transaction of a chunk does the work, stores the progress and renews the
lease (:func:`save_progress`). If the worker no longer holds the job, the transaction is rolled
back. So each chunk is done exactly once, even if a worker is killed and another one claims the job.

On PostgreSQL workers do not wait for each other's claims (``SKIP LOCKED``). SQLite has one writer.

The clocks of the machines may differ by less than the lease. If a clock is set back, only retries
are delayed: jobs without a delay still run immediately, and no lease becomes longer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, case, delete, insert, null, or_, select, update

from taskstead.clock import get_now
from taskstead.db.database import Database, Reader, Transaction
from taskstead.db.types import Instant
from taskstead.ids import make_id
from taskstead.jobs.progress import Progress, read_progress, store_progress
from taskstead.tables.jobs import job_parts, jobs

# A job fails after this many attempts without progress.
MAX_ATTEMPTS = 8
_FIRST_DELAY_SECONDS = 2.0
_LONGEST_DELAY_SECONDS = 300.0
_LONGEST_ERROR = 1000

_NOW = bindparam("now", type_=Instant)
# A lease that ends after this time was granted before the clock was set back, and has not been
# renewed since. It counts as expired.
_MAX_LEASE_END = bindparam("max_lease_end", type_=Instant)
_IS_DUE = or_(
    and_(
        jobs.c.state == "queued",
        # A job enqueued without a delay is due even if the clock was set back since.
        or_(jobs.c.run_at <= _NOW, jobs.c.run_at <= jobs.c.created_at),
    ),
    and_(
        jobs.c.state == "running",
        or_(jobs.c.claimed_until < _NOW, jobs.c.claimed_until > _MAX_LEASE_END),
    ),
)
_FIND_DUE = select(jobs.c.id).where(_IS_DUE).limit(1)
_FIND = select(jobs.c.id).where(jobs.c.id == bindparam("job"))
_FREE = {"claimed_by": null(), "claimed_until": null()}

_INSERT = insert(jobs)
_CLAIM = (
    update(jobs)
    .where(
        jobs.c.id
        == select(jobs.c.id)
        .where(_IS_DUE)
        .order_by(jobs.c.run_at, jobs.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    .values(
        state="running",
        attempts=jobs.c.attempts + 1,
        claimed_by=bindparam("claimed_by"),
        claimed_until=bindparam("claimed_until"),
    )
    .returning(*jobs.c)
)
_HELD = update(jobs).where(
    jobs.c.id == bindparam("job"),
    jobs.c.claimed_by == bindparam("worker"),
    jobs.c.state == "running",
)
_EXTEND = _HELD.values(claimed_until=bindparam("claimed_until"))
_SAVE = _HELD.values(
    attempts=0, progress=bindparam("progress"), claimed_until=bindparam("claimed_until")
)
_FINISH = _HELD.values(
    state="done",
    progress=bindparam("progress"),
    error=null(),
    finished_at=bindparam("finished_at"),
    **_FREE,
)
_RETRY = _HELD.values(state="queued", run_at=bindparam("run_at"), error=bindparam("error"), **_FREE)
_FAIL = _HELD.values(
    state="failed", error=bindparam("error"), finished_at=bindparam("finished_at"), **_FREE
)
_RELEASE = _HELD.values(
    state="queued",
    attempts=case((jobs.c.attempts > 0, jobs.c.attempts - 1), else_=0),
    **_FREE,
)
_CANCEL = (
    update(jobs)
    .where(jobs.c.id == bindparam("job"), or_(jobs.c.state == "queued", jobs.c.state == "running"))
    .values(state="cancelled", finished_at=bindparam("finished_at"), **_FREE)
)
_RETRY_FAILED = (
    update(jobs)
    .where(jobs.c.id == bindparam("job"), jobs.c.state == "failed")
    .values(
        state="queued", attempts=0, run_at=bindparam("run_at"), error=null(), finished_at=null()
    )
)
_START = (
    update(jobs)
    .where(jobs.c.id == bindparam("job"), jobs.c.state == "queued")
    .values(run_at=jobs.c.created_at, payload=bindparam("payload"))
)
_DELETE = delete(jobs).where(jobs.c.id == bindparam("job"))
_DELETE_OLD = delete(jobs).where(jobs.c.finished_at < bindparam("before"))
_INSERT_PART = insert(job_parts)
_DELETE_PARTS = delete(job_parts).where(job_parts.c.job_id == bindparam("job"))
_DELETE_PART = _DELETE_PARTS.where(job_parts.c.number == bindparam("number"))


class JobLostError(Exception):
    """The worker no longer holds the job: it was cancelled, or the lease expired."""


@dataclass(slots=True)
class Job:
    """A job that a worker has claimed.

    Attributes:
        workspace_id: the workspace of the job; None for a job of the server.
        user_id: the user who requested the job; None for a job of the server.
        attempts: number of claims since the last progress, including this one.
        worker: unique name of this claim, which begins with the worker's name.
    """

    id: str
    kind: str
    workspace_id: str | None
    user_id: str | None
    payload: dict[str, Any]
    progress: Progress
    attempts: int
    worker: str
    lease_seconds: float


async def enqueue_job(
    transaction: Transaction,
    *,
    kind: str,
    payload: dict[str, Any],
    workspace_id: str | None,
    user_id: str | None,
    run_at: datetime | None = None,
    job_id: str | None = None,
) -> str:
    """Enqueue a job in the caller's transaction; return its id.

    The caller calls ``JobSignal.notify`` after the commit.

    Raises:
        UniqueViolationError: a job with ``job_id`` already exists.
    """
    now = get_now()
    job_id = job_id or make_id()
    await transaction.execute(
        _INSERT,
        {
            "id": job_id,
            "workspace_id": workspace_id,
            "user_id": user_id,
            "kind": kind,
            "payload": payload,
            "state": "queued",
            "progress": store_progress(Progress()),
            "error": None,
            "attempts": 0,
            "run_at": run_at or now,
            "claimed_by": None,
            "claimed_until": None,
            "created_at": now,
            "finished_at": None,
        },
    )
    return job_id


async def start_job(transaction: Transaction, job_id: str, payload: dict[str, Any]) -> None:
    """Make a delayed job due now, and replace its payload."""
    await transaction.execute(_START, {"job": job_id, "payload": payload})


async def delete_job(transaction: Transaction, job_id: str) -> None:
    """Delete a job and its parts."""
    await transaction.execute(_DELETE_PARTS, {"job": job_id})
    await transaction.execute(_DELETE, {"job": job_id})


async def delete_old_jobs(transaction: Transaction, before: datetime) -> int:
    """Delete the jobs that ended before the given time; return their number."""
    return await transaction.execute(_DELETE_OLD, {"before": before})


async def has_job(reader: Reader, job_id: str) -> bool:
    """Return whether a job with this id exists, in any state."""
    return await reader.fetch_one(_FIND, {"job": job_id}) is not None


async def has_due_job(reader: Reader, *, lease_seconds: float) -> bool:
    """Return whether a job can be claimed. One indexed read."""
    return await reader.fetch_one(_FIND_DUE, _get_times(get_now(), lease_seconds)) is not None


async def claim_job(database: Database, *, worker: str, lease_seconds: float) -> Job | None:
    """Claim the job that has been due the longest; return None if no job is due."""
    now = get_now()
    # Unique per claim: if a worker's lease expires and the same worker claims the job again, the
    # writes of the first claim must fail.
    claim = f"{worker} {make_id()}"
    async with database.transaction() as transaction:
        row = await transaction.fetch_one(
            _CLAIM,
            {
                **_get_times(now, lease_seconds),
                "claimed_by": claim,
                "claimed_until": now + timedelta(seconds=lease_seconds),
            },
        )
    if row is None:
        return None
    return Job(
        id=row["id"],
        kind=row["kind"],
        workspace_id=row["workspace_id"],
        user_id=row["user_id"],
        payload=row["payload"],
        progress=read_progress(row["progress"]),
        attempts=row["attempts"],
        worker=claim,
        lease_seconds=lease_seconds,
    )


async def extend_lease(database: Database, job: Job) -> None:
    """Renew the lease during a chunk.

    Raises:
        JobLostError: the worker no longer holds the job.
    """
    async with database.transaction() as transaction:
        await _write(transaction, _EXTEND, job, claimed_until=_get_lease_end(job))


async def save_progress(transaction: Transaction, job: Job) -> None:
    """Store the progress and renew the lease, in the transaction of the chunk.

    Raises:
        JobLostError: the worker no longer holds the job; the transaction must be rolled back.
    """
    await _write(
        transaction,
        _SAVE,
        job,
        progress=store_progress(job.progress),
        claimed_until=_get_lease_end(job),
    )
    job.attempts = 0


async def finish_job(transaction: Transaction, job: Job) -> None:
    """Mark the job as done, in the transaction of its last chunk.

    Raises:
        JobLostError: the worker no longer holds the job; the transaction must be rolled back.
    """
    await _write(
        transaction,
        _FINISH,
        job,
        progress=store_progress(job.progress),
        finished_at=get_now(),
    )
    await transaction.execute(_DELETE_PARTS, {"job": job.id})


async def fail_job(database: Database, job: Job, error: str, *, is_final: bool) -> None:
    """Schedule a retry of the job, or mark it as failed. Stored progress is kept.

    Args:
        database: the application's database.
        job: the job.
        error: the reason, for people.
        is_final: whether to fail without a retry.

    Raises:
        JobLostError: the worker no longer holds the job.
    """
    error = error[:_LONGEST_ERROR]
    async with database.transaction() as transaction:
        if is_final or job.attempts >= MAX_ATTEMPTS:
            # The parts are kept until the job is deleted, so that it can be retried.
            await _write(transaction, _FAIL, job, error=error, finished_at=get_now())
        else:
            run_at = get_now() + timedelta(seconds=get_retry_delay(job.attempts))
            await _write(transaction, _RETRY, job, error=error, run_at=run_at)


def get_retry_delay(attempts: int) -> float:
    """Return the retry delay in seconds after this many attempts: 2, 4, 8, … 300."""
    return min(_FIRST_DELAY_SECONDS * 2.0 ** max(0, attempts - 1), _LONGEST_DELAY_SECONDS)


async def release_job(database: Database, job: Job) -> None:
    """Return the job to the queue between two chunks, so that another worker can claim it now.

    Raises:
        JobLostError: the worker no longer holds the job.
    """
    async with database.transaction() as transaction:
        await _write(transaction, _RELEASE, job)


async def cancel_job(transaction: Transaction, job_id: str) -> bool:
    """Cancel a queued or running job; return False if it has already ended.

    The current chunk of a running job is rolled back.
    """
    count = await transaction.execute(_CANCEL, {"job": job_id, "finished_at": get_now()})
    await transaction.execute(_DELETE_PARTS, {"job": job_id})
    return count > 0


async def retry_failed_job(transaction: Transaction, job_id: str) -> bool:
    """Enqueue a failed job again, with its progress; return False if it has not failed."""
    return await transaction.execute(_RETRY_FAILED, {"job": job_id, "run_at": get_now()}) > 0


async def add_job_parts(
    transaction: Transaction, job_id: str, parts: Sequence[bytes], *, first: int = 0
) -> None:
    """Store parts of a job's input, numbered from ``first``.

    They are deleted when the job is done, cancelled or deleted.
    """
    rows = [
        {"job_id": job_id, "number": number, "data": data}
        for number, data in enumerate(parts, start=first)
    ]
    await transaction.execute_many(_INSERT_PART, rows)


async def delete_job_part(transaction: Transaction, job_id: str, number: int) -> None:
    """Delete a part that has been processed, in the transaction that processes it."""
    await transaction.execute(_DELETE_PART, {"job": job_id, "number": number})


async def _write(transaction: Transaction, statement: Any, job: Job, **values: Any) -> None:
    count = await transaction.execute(statement, {"job": job.id, "worker": job.worker, **values})
    if count == 0:
        raise JobLostError(job.id)


def _get_times(now: datetime, lease_seconds: float) -> dict[str, datetime]:
    # Two lease times: the clock of another machine may be ahead by up to one.
    return {"now": now, "max_lease_end": now + 2 * timedelta(seconds=lease_seconds)}


def _get_lease_end(job: Job) -> datetime:
    return get_now() + timedelta(seconds=job.lease_seconds)
