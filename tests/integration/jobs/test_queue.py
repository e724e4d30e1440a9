"""Job queue: claims, leases, retries, cancellation and deletion of old jobs."""

import asyncio
from datetime import datetime, timedelta

import pytest

from taskstead.config.settings import Settings
from taskstead.db.database import Database
from taskstead.ids import AFTER_ALL_IDS, make_id
from taskstead.jobs.queue import (
    MAX_ATTEMPTS,
    Job,
    JobLostError,
    add_job_parts,
    cancel_job,
    claim_job,
    delete_old_jobs,
    enqueue_job,
    extend_lease,
    finish_job,
    get_retry_delay,
    has_due_job,
    release_job,
    retry_or_fail_job,
    save_progress,
)
from taskstead.queries.system.jobs import find_job_part, get_job, list_jobs
from tests.harness.clock import ManualClock
from tests.harness.settings import make_settings

pytestmark = pytest.mark.engines("sqlite", "postgresql")

LEASE_SECONDS = 30
WORKSPACE = make_id()
# Longer than leases and retry delays.
LONG_SECONDS = 3600


@pytest.fixture
def settings(database_url: str) -> Settings:
    return make_settings(database_url, run_worker=False)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


class Queue:
    """The queue at the time of a clock that the test sets."""

    def __init__(self, database: Database, clock: ManualClock) -> None:
        self._database = database
        self.clock = clock

    async def enqueue(self, run_at: datetime | None = None) -> str:
        """Enqueue a job and return its id."""
        async with self._database.transaction() as transaction:
            return await enqueue_job(
                transaction,
                kind="test",
                payload={},
                workspace_id=WORKSPACE,
                user_id=None,
                now=self.clock.now,
                run_at=run_at,
            )

    async def is_due(self) -> bool:
        """Return whether a job can be claimed."""
        return await has_due_job(self._database, lease_seconds=LEASE_SECONDS, now=self.clock.now)

    async def claim(self, worker: str = "w") -> Job | None:
        """Claim a job, if one is due."""
        return await claim_job(
            self._database, worker=worker, lease_seconds=LEASE_SECONDS, clock=self.clock
        )

    async def claim_one(self, worker: str = "w") -> Job:
        """Claim the job that is due."""
        job = await self.claim(worker)
        assert job is not None
        return job


@pytest.fixture
def queue(database: Database, clock: ManualClock) -> Queue:
    return Queue(database, clock)


async def save(database: Database, job: Job) -> None:
    async with database.transaction() as transaction:
        await save_progress(transaction, job)


async def finish(database: Database, job: Job) -> None:
    async with database.transaction() as transaction:
        await finish_job(transaction, job)


async def test_jobs_are_claimed_in_order(queue: Queue) -> None:
    ids = [await queue.enqueue() for _ in range(3)]
    assert [(await queue.claim_one()).id for _ in ids] == ids
    assert await queue.claim() is None


async def test_concurrent_workers_claim_each_job_once(queue: Queue) -> None:
    assert not await queue.is_due()
    ids = [await queue.enqueue() for _ in range(10)]
    assert await queue.is_due()
    claimed = await asyncio.gather(*(queue.claim(f"w{number}") for number in range(14)))
    found = [job.id for job in claimed if job is not None]
    assert sorted(found) == ids
    assert not await queue.is_due()


async def test_scheduled_job_waits_for_its_time(queue: Queue) -> None:
    await queue.enqueue(run_at=queue.clock.now + timedelta(seconds=LONG_SECONDS))
    assert await queue.claim() is None
    queue.clock.advance(LONG_SECONDS)
    assert await queue.claim() is not None


async def test_clock_set_back_does_not_block_the_queue(database: Database, queue: Queue) -> None:
    await queue.enqueue()
    queue.clock.advance(-LONG_SECONDS)
    assert await queue.is_due()
    job = await queue.claim_one()
    # The lease still holds for a clock that differs by less than the lease.
    queue.clock.advance(1 - LEASE_SECONDS)
    assert await queue.claim() is None
    # An active worker has renewed its lease by now. Otherwise the worker is dead.
    queue.clock.advance(-LONG_SECONDS)
    await extend_lease(database, job)
    assert await queue.claim() is None
    queue.clock.advance(-LONG_SECONDS)
    assert await queue.is_due()
    assert (await queue.claim_one("other")).id == job.id


async def test_progress_is_passed_to_the_next_worker(database: Database, queue: Queue) -> None:
    await queue.enqueue()
    job = await queue.claim_one()
    job.progress.done = 3
    job.progress.cursor["place"] = 17
    await save(database, job)
    queue.clock.advance(LONG_SECONDS)
    other = await queue.claim_one("other")
    assert other.id == job.id
    assert (other.progress.done, other.progress.cursor, other.attempts) == (3, {"place": 17}, 1)
    other.progress.done = 4
    await finish(database, other)
    row = await get_job(database, WORKSPACE, job.id)
    assert (row["state"], row["progress"]["done"], row["claimed_by"]) == ("done", 4, None)


async def test_worker_that_lost_its_job_cannot_change_it(database: Database, queue: Queue) -> None:
    await queue.enqueue()
    job = await queue.claim_one()
    queue.clock.advance(LONG_SECONDS)
    await queue.claim_one("other")
    for late in (save(database, job), finish(database, job), extend_lease(database, job)):
        with pytest.raises(JobLostError):
            await late
    with pytest.raises(JobLostError):
        await retry_or_fail_job(database, job, "x", is_final=True)
    with pytest.raises(JobLostError):
        await release_job(database, job)


async def test_worker_that_lost_a_job_cannot_use_its_new_claim(
    database: Database, queue: Queue
) -> None:
    await queue.enqueue()
    job = await queue.claim_one()
    queue.clock.advance(LONG_SECONDS)
    await queue.claim_one()
    with pytest.raises(JobLostError):
        await save(database, job)


async def test_renewed_lease_holds(database: Database, queue: Queue) -> None:
    await queue.enqueue()
    job = await queue.claim_one()
    queue.clock.advance(LONG_SECONDS)
    await extend_lease(database, job)
    assert await queue.claim() is None


async def test_released_job_can_be_claimed_at_once_without_penalty(
    database: Database, queue: Queue
) -> None:
    await queue.enqueue()
    await release_job(database, await queue.claim_one())
    assert (await queue.claim_one()).attempts == 1


async def test_failing_job_is_retried_until_the_last_attempt(
    database: Database, queue: Queue
) -> None:
    job_id = await queue.enqueue()
    for attempt in range(1, MAX_ATTEMPTS + 1):
        job = await queue.claim_one()
        assert job.attempts == attempt
        await retry_or_fail_job(database, job, f"try {attempt}", is_final=False)
        row = await get_job(database, WORKSPACE, job_id)
        assert row["error"] == f"try {attempt}"
        if attempt < MAX_ATTEMPTS:
            assert row["state"] == "queued"
            delay = get_retry_delay(attempt)
            assert row["run_at"] == queue.clock.now + timedelta(seconds=delay)
            queue.clock.advance(delay - 0.001)
            assert await queue.claim() is None
            queue.clock.advance(0.001)
    row = await get_job(database, WORKSPACE, job_id)
    assert (row["state"], row["finished_at"] is None) == ("failed", False)
    assert not await queue.is_due()


async def test_progress_resets_the_count_of_attempts(database: Database, queue: Queue) -> None:
    await queue.enqueue()
    for _ in range(MAX_ATTEMPTS + 2):
        job = await queue.claim_one()
        await save(database, job)
        await retry_or_fail_job(database, job, "x", is_final=False)
        queue.clock.advance(LONG_SECONDS)
    assert (await queue.claim_one()).attempts == 1


async def test_permanent_errors_are_not_retried(database: Database, queue: Queue) -> None:
    job_id = await queue.enqueue()
    await retry_or_fail_job(database, await queue.claim_one(), "x", is_final=True)
    assert (await get_job(database, WORKSPACE, job_id))["state"] == "failed"
    assert not await queue.is_due()


async def test_long_error_message_is_truncated(database: Database, queue: Queue) -> None:
    job_id = await queue.enqueue()
    await retry_or_fail_job(database, await queue.claim_one(), "x" * 5000, is_final=True)
    row = await get_job(database, WORKSPACE, job_id)
    assert row["error"] == "x" * 1000


@pytest.mark.parametrize("is_running", [True, False])
async def test_cancelled_job_is_lost_to_its_worker(
    database: Database, queue: Queue, *, is_running: bool
) -> None:
    job_id = await queue.enqueue()
    job = await queue.claim_one() if is_running else None
    async with database.transaction() as transaction:
        await add_job_parts(transaction, job_id, [b"part"])
        assert await cancel_job(transaction, job_id, now=queue.clock.now)
        assert not await cancel_job(transaction, job_id, now=queue.clock.now)
    assert await find_job_part(database, job_id, 0) is None
    assert not await queue.is_due()
    if job is not None:
        with pytest.raises(JobLostError):
            await save(database, job)


async def test_parts_are_deleted_when_the_job_ends(database: Database, queue: Queue) -> None:
    job_id = await queue.enqueue()
    async with database.transaction() as transaction:
        await add_job_parts(transaction, job_id, [b"\x00\xff", b"two"])
        await add_job_parts(transaction, job_id, [b"three"], first=2)
    parts = [await find_job_part(database, job_id, number) for number in range(4)]
    assert parts == [b"\x00\xff", b"two", b"three", None]
    await finish(database, await queue.claim_one())
    assert await find_job_part(database, job_id, 0) is None


async def test_old_finished_jobs_are_purged(database: Database, queue: Queue) -> None:
    ended, active = await queue.enqueue(), await queue.enqueue()
    await finish(database, await queue.claim_one())
    async with database.transaction() as transaction:
        assert await delete_old_jobs(transaction, queue.clock.now - timedelta(days=1)) == 0
        assert await delete_old_jobs(transaction, queue.clock.now + timedelta(days=1)) == 1
    found = await list_jobs(database, WORKSPACE, before_id=AFTER_ALL_IDS, limit=10)
    assert [row["id"] for row in found] == [active] != [ended]
