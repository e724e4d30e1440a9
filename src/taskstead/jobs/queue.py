"""The queue: jobs are rows, and whoever claims one holds it for a while and has to say so again.

A job is done in chunks, each a transaction that does the work, stores the progress and renews the
lease (:func:`save_progress`). It fails, and its work with it, for a worker that no longer holds the
job: so a chunk is done exactly once, whoever is killed and whoever takes over. On PostgreSQL
workers do not wait for one another's claims (``SKIP LOCKED``); SQLite has one writer anyway.

Clocks of several machines may differ by less than the lease. A clock that is put back holds up only
what is to be tried again later: what was to be done at once still is, and no lease gets longer.
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

# After so many tries without any progress a job has failed.
MAX_ATTEMPTS = 8
_FIRST_DELAY_SECONDS = 2.0
_LONGEST_DELAY_SECONDS = 300.0
_LONGEST_ERROR = 1000

_NOW = bindparam("now", type_=Instant)
# A lease that ends later than any that is given now: the clock was put back meanwhile, and whoever
# held the job has not renewed it since.
_TOO_LATE = bindparam("too_late", type_=Instant)
_IS_DUE = or_(
    and_(
        jobs.c.state == "queued",
        # Or at once, by whatever the clock said then.
        or_(jobs.c.run_at <= _NOW, jobs.c.run_at <= jobs.c.created_at),
    ),
    and_(
        jobs.c.state == "running",
        or_(jobs.c.claimed_until < _NOW, jobs.c.claimed_until > _TOO_LATE),
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
    """The job is not this worker's any more: it was cancelled, or its lease had run out."""


@dataclass(slots=True)
class Job:
    """A job that a worker holds.

    Attributes:
        workspace_id: the workspace it works in; None for the server's own.
        user_id: whom it works for; None for the server's own.
        attempts: how often it was claimed since it last got on, this time included.
        worker: the claim; no two have the same.
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
    """Put a job in the queue, with whatever else the transaction does; return its id.

    Ring the worker's bell after the commit.

    Raises:
        UniqueViolationError: a job has the id that was given.
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
    """Let a job that was enqueued for later run now, with another payload."""
    await transaction.execute(_START, {"job": job_id, "payload": payload})


async def delete_job(transaction: Transaction, job_id: str) -> None:
    """Remove a job and all that is stored for it."""
    await transaction.execute(_DELETE_PARTS, {"job": job_id})
    await transaction.execute(_DELETE, {"job": job_id})


async def delete_old_jobs(transaction: Transaction, before: datetime) -> int:
    """Remove the jobs that ended before an instant; return how many."""
    return await transaction.execute(_DELETE_OLD, {"before": before})


async def has_job(reader: Reader, job_id: str) -> bool:
    """Tell whether there is a job with this id, in whatever state."""
    return await reader.fetch_one(_FIND, {"job": job_id}) is not None


async def has_due_job(reader: Reader, *, lease_seconds: float) -> bool:
    """Tell whether there is a job to claim; one indexed read."""
    return await reader.fetch_one(_FIND_DUE, _get_times(get_now(), lease_seconds)) is not None


async def claim_job(database: Database, *, worker: str, lease_seconds: float) -> Job | None:
    """Claim the job that has been due the longest; None when there is none."""
    now = get_now()
    # Each claim has a name of its own: a worker that is late must not pass for its own successor.
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
    """Hold the job for longer, in the midst of a chunk.

    Raises:
        JobLostError: it is not this worker's any more.
    """
    async with database.transaction() as transaction:
        await _write(transaction, _EXTEND, job, claimed_until=_get_lease_end(job))


async def save_progress(transaction: Transaction, job: Job) -> None:
    """Store how far the job has come, in the transaction that has brought it there.

    Raises:
        JobLostError: it is not this worker's any more; the transaction has to be rolled back.
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
    """End the job, in the transaction that does the last of its work.

    Raises:
        JobLostError: it is not this worker's any more; the transaction has to be rolled back.
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
    """Try the job again later, or end it as failed; the progress made so far stays.

    Args:
        database: where.
        job: the job.
        error: why, for people.
        is_final: trying again is of no use.

    Raises:
        JobLostError: it is not this worker's any more.
    """
    error = error[:_LONGEST_ERROR]
    async with database.transaction() as transaction:
        if is_final or job.attempts >= MAX_ATTEMPTS:
            # What it works on stays, so that it can be tried again; it goes with the job.
            await _write(transaction, _FAIL, job, error=error, finished_at=get_now())
        else:
            run_at = get_now() + timedelta(seconds=get_delay(job.attempts))
            await _write(transaction, _RETRY, job, error=error, run_at=run_at)


def get_delay(attempts: int) -> float:
    """Return the seconds to wait after so many tries without progress: 2, 4, 8, … 300."""
    return min(_FIRST_DELAY_SECONDS * 2.0 ** max(0, attempts - 1), _LONGEST_DELAY_SECONDS)


async def release_job(database: Database, job: Job) -> None:
    """Give the job back between two chunks, so that another worker can go on at once.

    Raises:
        JobLostError: it is not this worker's any more.
    """
    async with database.transaction() as transaction:
        await _write(transaction, _RELEASE, job)


async def end_job(transaction: Transaction, job_id: str) -> bool:
    """Cancel a job, running or not; a chunk under way is rolled back. False for one that ended."""
    count = await transaction.execute(_CANCEL, {"job": job_id, "finished_at": get_now()})
    await transaction.execute(_DELETE_PARTS, {"job": job_id})
    return count > 0


async def retry_failed_job(transaction: Transaction, job_id: str) -> bool:
    """Put a failed job in the queue again, to go on where it was; False for one that has not."""
    return await transaction.execute(_RETRY_FAILED, {"job": job_id, "run_at": get_now()}) > 0


async def add_job_parts(
    transaction: Transaction, job_id: str, parts: Sequence[bytes], *, first: int = 0
) -> None:
    """Store parts of what a job works on, numbered from the first on; they go with its end."""
    rows = [
        {"job_id": job_id, "number": number, "data": data}
        for number, data in enumerate(parts, start=first)
    ]
    await transaction.execute_many(_INSERT_PART, rows)


async def delete_job_part(transaction: Transaction, job_id: str, number: int) -> None:
    """Remove a part that the job has done with, in the transaction that does so."""
    await transaction.execute(_DELETE_PART, {"job": job_id, "number": number})


async def _write(transaction: Transaction, statement: Any, job: Job, **values: Any) -> None:
    count = await transaction.execute(statement, {"job": job.id, "worker": job.worker, **values})
    if count == 0:
        raise JobLostError(job.id)


def _get_times(now: datetime, lease_seconds: float) -> dict[str, datetime]:
    # Twice: another machine's clock may be fast by as much.
    return {"now": now, "too_late": now + 2 * timedelta(seconds=lease_seconds)}


def _get_lease_end(job: Job) -> datetime:
    return get_now() + timedelta(seconds=job.lease_seconds)
