"""Test helper that runs the housekeeping job without a worker."""

from datetime import datetime

from taskstead.db.database import Database
from taskstead.jobs.queue import Job, claim_job
from taskstead.services.housekeeping import enqueue_housekeeping, run_housekeeping
from tests.harness.clock import ManualClock

# More chunks than any test needs.
_MAX_CHUNKS = 1000


async def claim(database: Database, clock: ManualClock) -> Job:
    """Claim the job that is due. It carries the given clock."""
    job = await claim_job(database, worker="test", lease_seconds=30, clock=clock)
    assert job is not None
    return job


async def run_housekeeping_at(
    database: Database,
    now: datetime,
    *,
    trash_days: int = 0,
    log_days: int = 0,
    audit_days: int = 0,
) -> dict[str, int]:
    """Enqueue the housekeeping job at the given time and run it at this time.

    Return the number of deleted rows by kind.
    """
    assert await enqueue_housekeeping(
        database, now=now, trash_days=trash_days, log_days=log_days, audit_days=audit_days
    )
    job = await claim(database, ManualClock(now))
    for _ in range(_MAX_CHUNKS):
        if await run_housekeeping(database, job):
            return {name: count for name, count in job.progress.result.items() if count}
    message = "The housekeeping job does not end."
    raise AssertionError(message)
