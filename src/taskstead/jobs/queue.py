"""Job queue in SQL. A worker claims a row under a lease and must renew it.

A job runs in chunks. The transaction of a chunk does the work, stores the progress and renews the
lease (:func:`save_progress`). If the worker has lost the lease, the transaction is rolled back. So
each chunk takes effect exactly once, even if a worker is killed and another worker claims the job.

On PostgreSQL, workers do not wait for each other's claims (``SKIP LOCKED``). On SQLite, writes are
serialised anyway.

The clocks of the machines may differ by less than the lease time. If a clock is turned back,
retries are delayed. Jobs without a delay still run immediately, and a lease that ends too far in
the future counts as expired.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Update, and_, bindparam, case, delete, insert, null, or_, select, update

from taskstead.clock import Clock
from taskstead.db.database import Database, Reader, Transaction
from taskstead.db.sql.query import Query
from taskstead.db.sql.types import Instant
from taskstead.ids import make_id
from taskstead.jobs.progress import Progress, read_progress, store_progress
from taskstead.tables.jobs import JobRow, job_parts, jobs
from taskstead.tables.rows import IdRow

# A job fails after this many attempts without progress.
MAX_ATTEMPTS = 8
_FIRST_DELAY_SECONDS = 2.0
_MAX_DELAY_SECONDS = 300.0
# Maximum number of characters of a stored error.
_MAX_ERROR_LENGTH = 1000

_NOW = bindparam("now", type_=Instant)
# A lease that ends after this time was granted before the clock was turned back, and has not been
# renewed after that. It counts as expired.
_MAX_LEASE_END = bindparam("max_lease_end", type_=Instant)
_IS_DUE = or_(
    and_(
        jobs.c.state == "queued",
        # A job enqueued without a delay (`run_at` equals `created_at`) is due even if the clock was
        # turned back after that.
        or_(jobs.c.run_at <= _NOW, jobs.c.run_at <= jobs.c.created_at),
    ),
    and_(
        jobs.c.state == "running",
        or_(jobs.c.claimed_until < _NOW, jobs.c.claimed_until > _MAX_LEASE_END),
    ),
)
_FIND_DUE = Query(IdRow, select(jobs.c.id).where(_IS_DUE).limit(1))
_FIND = Query(IdRow, select(jobs.c.id).where(jobs.c.id == bindparam("job")))
_NO_CLAIM = {"claimed_by": null(), "claimed_until": null()}

_INSERT = insert(jobs)
_CLAIM = Query(
    JobRow,
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
    .returning(*jobs.c),
)
# Updates the job only if it is still running under the given claim.
_UPDATE_CLAIMED = update(jobs).where(
    jobs.c.id == bindparam("job"),
    jobs.c.claimed_by == bindparam("claim_id"),
    jobs.c.state == "running",
)
_EXTEND = _UPDATE_CLAIMED.values(claimed_until=bindparam("claimed_until"))
_SAVE = _UPDATE_CLAIMED.values(
    attempts=0, progress=bindparam("progress"), claimed_until=bindparam("claimed_until")
)
_FINISH = _UPDATE_CLAIMED.values(
    state="done",
    progress=bindparam("progress"),
    error=null(),
    finished_at=bindparam("finished_at"),
    **_NO_CLAIM,
)
_RETRY = _UPDATE_CLAIMED.values(
    state="queued", run_at=bindparam("run_at"), error=bindparam("error"), **_NO_CLAIM
)
_FAIL = _UPDATE_CLAIMED.values(
    state="failed", error=bindparam("error"), finished_at=bindparam("finished_at"), **_NO_CLAIM
)
_RELEASE = _UPDATE_CLAIMED.values(
    state="queued",
    # A released job has not failed, so its claim does not count as an attempt.
    attempts=case((jobs.c.attempts > 0, jobs.c.attempts - 1), else_=0),
    **_NO_CLAIM,
)
_CANCEL = (
    update(jobs)
    .where(jobs.c.id == bindparam("job"), or_(jobs.c.state == "queued", jobs.c.state == "running"))
    .values(state="cancelled", finished_at=bindparam("finished_at"), **_NO_CLAIM)
)
_RETRY_FAILED = (
    update(jobs)
    .where(jobs.c.id == bindparam("job"), jobs.c.state == "failed")
    .values(
        state="queued", attempts=0, run_at=bindparam("run_at"), error=null(), finished_at=null()
    )
)
# `run_at` equal to `created_at` makes the job due even if the clock is turned back; see _IS_DUE.
_MAKE_DUE = (
    update(jobs)
    .where(jobs.c.id == bindparam("job"), jobs.c.state == "queued")
    .values(run_at=jobs.c.created_at, payload=bindparam("payload"))
)
# `_MAKE_DUE` sets `run_at` to `created_at`, so a job with a later `run_at` has not been made due.
_DELETE_DELAYED = delete(jobs).where(
    jobs.c.id == bindparam("job"), jobs.c.state == "queued", jobs.c.run_at > jobs.c.created_at
)
_DELETE_OLD = delete(jobs).where(jobs.c.finished_at < bindparam("before"))
_INSERT_PART = insert(job_parts)
_DELETE_PARTS = delete(job_parts).where(job_parts.c.job_id == bindparam("job"))
_DELETE_PART = _DELETE_PARTS.where(job_parts.c.number == bindparam("number"))


class JobLostError(Exception):
    """The worker has lost the lease of the job: the job was cancelled, or the lease expired."""


@dataclass(slots=True)
class Job:
    """A job that a worker has claimed.

    Attributes:
        workspace_id: the workspace of the job; None for a job of the server.
        user_id: the user who requested the job; None for a job of the server.
        attempts: number of claims since the last stored progress, including this one.
        claim_id: unique id of this claim. It begins with the worker's name.
        clock: the clock of the worker.
    """

    id: str
    kind: str
    workspace_id: str | None
    user_id: str | None
    payload: dict[str, Any]
    progress: Progress
    attempts: int
    claim_id: str
    lease_seconds: float
    clock: Clock


async def enqueue_job(
    transaction: Transaction,
    *,
    kind: str,
    payload: dict[str, Any],
    workspace_id: str | None,
    user_id: str | None,
    now: datetime,
    run_at: datetime | None = None,
    job_id: str | None = None,
) -> str:
    """Enqueue a job in the caller's transaction; return its id.

    The worker must be woken after the commit. A use case sets ``WriteContext.has_new_jobs``.

    Args:
        transaction: the transaction.
        kind: the kind of job; see ``faces/worker/registry.py``.
        payload: the input of the job, as JSON data.
        workspace_id: the workspace of the job; None for a job of the server.
        user_id: the user who requested the job; None for a job of the server.
        now: the current time. The job is due then, unless ``run_at`` is given.
        run_at: when the job is due.
        job_id: the id of the job. The default is a new id.

    Raises:
        UniqueViolationError: a job with ``job_id`` already exists.
    """
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


async def make_job_due(transaction: Transaction, job_id: str, payload: dict[str, Any]) -> None:
    """Make a delayed job due now and replace its payload, if the job is queued."""
    await transaction.execute(_MAKE_DUE, {"job": job_id, "payload": payload})


async def delete_delayed_job(transaction: Transaction, job_id: str) -> None:
    """Delete a delayed job unless :func:`make_job_due` has made it due.

    A foreign key deletes its parts.
    """
    await transaction.execute(_DELETE_DELAYED, {"job": job_id})


async def delete_old_jobs(transaction: Transaction, before: datetime) -> int:
    """Delete the jobs that ended before the given time; return their number.

    A foreign key deletes their parts.
    """
    return await transaction.execute(_DELETE_OLD, {"before": before})


async def has_job(reader: Reader, job_id: str) -> bool:
    """Return whether a job with this id exists, in any state."""
    return await reader.fetch_one(_FIND, {"job": job_id}) is not None


async def has_due_job(reader: Reader, *, lease_seconds: float, now: datetime) -> bool:
    """Return whether a job can be claimed.

    This is one indexed read, so a worker can poll it without taking a write lock.
    """
    return await reader.fetch_one(_FIND_DUE, _get_due_values(now, lease_seconds)) is not None


async def claim_job(
    database: Database, *, worker: str, lease_seconds: float, clock: Clock
) -> Job | None:
    """Claim the job that has been due for the longest time; return None if no job is due.

    Args:
        database: the application's database.
        worker: name of the worker.
        lease_seconds: lease time. The worker must renew the lease before it ends.
        clock: the clock of the worker. The claimed job carries it.
    """
    now = clock()
    # Unique per claim: if a worker's lease expires and the same worker claims the job again, the
    # writes of the first claim must fail.
    claim_id = f"{worker} {make_id()}"
    async with database.transaction() as transaction:
        row = await transaction.fetch_one(
            _CLAIM,
            {
                **_get_due_values(now, lease_seconds),
                "claimed_by": claim_id,
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
        claim_id=claim_id,
        lease_seconds=lease_seconds,
        clock=clock,
    )


async def extend_lease(database: Database, job: Job) -> None:
    """Renew the lease of a job while a chunk is running.

    Raises:
        JobLostError: the worker has lost the lease.
    """
    async with database.transaction() as transaction:
        await _update_claimed(transaction, _EXTEND, job, claimed_until=_get_lease_end(job))


async def save_progress(transaction: Transaction, job: Job) -> None:
    """Store the progress and renew the lease, in the transaction of the chunk.

    Raises:
        JobLostError: the worker has lost the lease; the transaction must be rolled back.
    """
    await _update_claimed(
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
        JobLostError: the worker has lost the lease; the transaction must be rolled back.
    """
    await _update_claimed(
        transaction,
        _FINISH,
        job,
        progress=store_progress(job.progress),
        finished_at=job.clock(),
    )
    await transaction.execute(_DELETE_PARTS, {"job": job.id})


async def retry_or_fail_job(database: Database, job: Job, error: str, *, is_final: bool) -> None:
    """Schedule a retry of the job, or mark it as failed. The stored progress does not change.

    The job fails if ``is_final`` is true or it has used :data:`MAX_ATTEMPTS` attempts.

    Args:
        database: the application's database.
        job: the job.
        error: human-readable reason.
        is_final: whether a retry would be useless, so that the job fails now.

    Raises:
        JobLostError: the worker has lost the lease.
    """
    error = error[:_MAX_ERROR_LENGTH]
    async with database.transaction() as transaction:
        if is_final or job.attempts >= MAX_ATTEMPTS:
            # The parts are not deleted, because an administrator can retry the job.
            await _update_claimed(transaction, _FAIL, job, error=error, finished_at=job.clock())
        else:
            run_at = job.clock() + timedelta(seconds=get_retry_delay(job.attempts))
            await _update_claimed(transaction, _RETRY, job, error=error, run_at=run_at)


def get_retry_delay(attempts: int) -> float:
    """Return the retry delay after this many attempts, in seconds: 2, 4, 8, … 300."""
    return min(_FIRST_DELAY_SECONDS * 2.0 ** max(0, attempts - 1), _MAX_DELAY_SECONDS)


async def release_job(database: Database, job: Job) -> None:
    """Return a running job to the queue between two chunks, so that any worker can claim it.

    Raises:
        JobLostError: the worker has lost the lease.
    """
    async with database.transaction() as transaction:
        await _update_claimed(transaction, _RELEASE, job)


async def cancel_job(transaction: Transaction, job_id: str, *, now: datetime) -> bool:
    """Cancel a queued or running job; return False if it has already ended.

    The current chunk of a running job is rolled back.
    """
    count = await transaction.execute(_CANCEL, {"job": job_id, "finished_at": now})
    await transaction.execute(_DELETE_PARTS, {"job": job_id})
    return count > 0


async def retry_failed_job(transaction: Transaction, job_id: str, *, now: datetime) -> bool:
    """Return a failed job to the queue with its progress; return False if it has not failed."""
    return await transaction.execute(_RETRY_FAILED, {"job": job_id, "run_at": now}) > 0


async def add_job_parts(
    transaction: Transaction, job_id: str, parts: Sequence[bytes], *, first: int = 0
) -> None:
    """Store parts of a job's input, numbered from ``first``.

    The parts are deleted when the job is done, cancelled or deleted.
    """
    rows = [
        {"job_id": job_id, "number": number, "data": data}
        for number, data in enumerate(parts, start=first)
    ]
    await transaction.execute_many(_INSERT_PART, rows)


async def delete_job_part(transaction: Transaction, job_id: str, number: int) -> None:
    """Delete a part that has been processed, in the transaction that processes it."""
    await transaction.execute(_DELETE_PART, {"job": job_id, "number": number})


async def _update_claimed(
    transaction: Transaction, statement: Update, job: Job, **values: Any
) -> None:
    count = await transaction.execute(
        statement, {"job": job.id, "claim_id": job.claim_id, **values}
    )
    if count == 0:
        raise JobLostError(job.id)


def _get_due_values(now: datetime, lease_seconds: float) -> dict[str, datetime]:
    # Allow one extra lease time for clock differences between machines.
    return {"now": now, "max_lease_end": now + 2 * timedelta(seconds=lease_seconds)}


def _get_lease_end(job: Job) -> datetime:
    return job.clock() + timedelta(seconds=job.lease_seconds)
