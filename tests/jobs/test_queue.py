"""Job queue: claims, leases, retries, cancellation and deletion of old jobs."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import bindparam, select, update

from taskstead.clock import get_now
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
from taskstead.tables.jobs import jobs
from tests.conftest import make_settings
from tests.untyped import untyped

LEASE_SECONDS = 30
WORKSPACE = make_id()
_LAPSE = update(jobs).values(claimed_until=bindparam("until"), run_at=bindparam("until"))


@pytest.fixture
def settings(database_url: str) -> Settings:
    return make_settings(database_url, run_worker=False)


async def enqueue(database: Database, **options: Any) -> str:
    async with database.transaction() as transaction:
        return await enqueue_job(
            transaction, kind="test", payload={}, workspace_id=WORKSPACE, user_id=None, **options
        )


async def claim(database: Database, worker: str = "w") -> Job | None:
    return await claim_job(database, worker=worker, lease_seconds=LEASE_SECONDS)


async def claim_one(database: Database, worker: str = "w") -> Job:
    job = await claim(database, worker)
    assert job is not None
    return job


async def expire_leases(database: Database) -> None:
    """Let leases and retry delays expire."""
    async with database.transaction() as transaction:
        await transaction.execute(_LAPSE, {"until": get_now() - timedelta(seconds=1)})


async def save(database: Database, job: Job) -> None:
    async with database.transaction() as transaction:
        await save_progress(transaction, job)


async def finish(database: Database, job: Job) -> None:
    async with database.transaction() as transaction:
        await finish_job(transaction, job)


async def test_job_is_claimed_once_and_in_order(database: Database) -> None:
    assert not await has_due_job(database, lease_seconds=LEASE_SECONDS)
    ids = [await enqueue(database) for _ in range(10)]
    assert await has_due_job(database, lease_seconds=LEASE_SECONDS)
    assert (await claim_one(database)).id == ids[0]
    claimed = await asyncio.gather(*(claim(database, f"w{number}") for number in range(14)))
    found = [job.id for job in claimed if job is not None]
    assert sorted(found) == ids[1:]
    assert not await has_due_job(database, lease_seconds=LEASE_SECONDS)


async def test_scheduled_job_waits_for_its_time(database: Database) -> None:
    await enqueue(database, run_at=get_now() + timedelta(hours=1))
    assert await claim(database) is None
    await expire_leases(database)
    assert await claim(database) is not None


async def set_clock_back(database: Database, by: timedelta) -> None:
    """Simulate a clock that was set back, by moving the stored times into the future."""
    async with database.transaction() as transaction:
        row = await transaction.fetch_one(untyped(select(jobs)), {})
        assert row is not None
        names = ("created_at", "run_at", "claimed_until")
        times = {name: row[name] and row[name] + by for name in names}
        await transaction.execute(update(jobs).values(**times), {})


async def test_clock_set_back_does_not_block_the_queue(database: Database) -> None:
    await enqueue(database)
    await set_clock_back(database, timedelta(hours=1))
    assert await has_due_job(database, lease_seconds=LEASE_SECONDS)
    job = await claim_one(database)
    # The lease still holds for a clock that differs by less than the lease.
    await set_clock_back(database, timedelta(seconds=LEASE_SECONDS - 1))
    assert await claim(database) is None
    # An active worker has renewed its lease by now. Otherwise the worker is dead.
    await set_clock_back(database, timedelta(hours=1))
    await extend_lease(database, job)
    assert await claim(database) is None
    await set_clock_back(database, timedelta(hours=1))
    assert await has_due_job(database, lease_seconds=LEASE_SECONDS)
    assert (await claim_one(database, "other")).id == job.id


async def test_progress_is_stored_and_passed_to_the_next_worker(database: Database) -> None:
    await enqueue(database)
    job = await claim_one(database)
    job.progress.done = 3
    job.progress.cursor["place"] = 17
    await save(database, job)
    await expire_leases(database)
    other = await claim_one(database, "other")
    assert other.id == job.id
    assert (other.progress.done, other.progress.cursor, other.attempts) == (3, {"place": 17}, 1)
    # The first worker has lost the job, so all its calls fail.
    for late in (save(database, job), finish(database, job), extend_lease(database, job)):
        with pytest.raises(JobLostError):
            await late
    with pytest.raises(JobLostError):
        await retry_or_fail_job(database, job, "x", is_final=True)
    with pytest.raises(JobLostError):
        await release_job(database, job)
    other.progress.done = 4
    await finish(database, other)
    row = await get_job(database, WORKSPACE, job.id)
    assert (row["state"], row["progress"]["done"], row["claimed_by"]) == ("done", 4, None)


async def test_worker_that_lost_a_job_cannot_use_its_new_claim(database: Database) -> None:
    await enqueue(database)
    job = await claim_one(database)
    await expire_leases(database)
    await claim_one(database)
    with pytest.raises(JobLostError):
        await save(database, job)


async def test_renewed_lease_holds(database: Database) -> None:
    await enqueue(database)
    job = await claim_one(database)
    await expire_leases(database)
    await extend_lease(database, job)
    assert await claim(database) is None


async def test_released_job_can_be_claimed_at_once_without_penalty(database: Database) -> None:
    await enqueue(database)
    await release_job(database, await claim_one(database))
    assert (await claim_one(database)).attempts == 1


async def test_failed_job_is_retried_later_and_finally_fails(
    database: Database,
) -> None:
    job_id = await enqueue(database)
    for attempt in range(1, MAX_ATTEMPTS + 1):
        job = await claim_one(database)
        assert job.attempts == attempt
        began = get_now()
        await retry_or_fail_job(database, job, f"try {attempt}", is_final=False)
        ended = get_now()
        row = await get_job(database, WORKSPACE, job_id)
        assert row["error"] == f"try {attempt}"
        if attempt < MAX_ATTEMPTS:
            assert row["state"] == "queued"
            wait = timedelta(seconds=get_retry_delay(attempt))
            assert began + wait <= row["run_at"] <= ended + wait
            # A short delay may have passed before the check.
            assert await claim(database) is None or get_now() >= row["run_at"]
            await expire_leases(database)
    row = await get_job(database, WORKSPACE, job_id)
    assert (row["state"], row["finished_at"] is None) == ("failed", False)
    assert not await has_due_job(database, lease_seconds=LEASE_SECONDS)


async def test_progress_resets_the_count_of_attempts(database: Database) -> None:
    await enqueue(database)
    for _ in range(MAX_ATTEMPTS + 2):
        job = await claim_one(database)
        await save(database, job)
        await retry_or_fail_job(database, job, "x", is_final=False)
        await expire_leases(database)
    assert (await claim_one(database)).attempts == 1


def test_delays_double_up_to_a_maximum() -> None:
    assert [get_retry_delay(attempt) for attempt in (1, 2, 3, 8, 50)] == [2, 4, 8, 256, 300]


async def test_permanent_errors_are_not_retried(database: Database) -> None:
    job_id = await enqueue(database)
    await retry_or_fail_job(database, await claim_one(database), "x" * 5000, is_final=True)
    row = await get_job(database, WORKSPACE, job_id)
    assert row["state"] == "failed"
    assert row["error"] == "x" * 1000


@pytest.mark.parametrize("is_running", [True, False])
async def test_cancelled_job_is_lost_to_its_worker(database: Database, *, is_running: bool) -> None:
    job_id = await enqueue(database)
    job = await claim_one(database) if is_running else None
    async with database.transaction() as transaction:
        await add_job_parts(transaction, job_id, [b"part"])
        assert await cancel_job(transaction, job_id)
        assert not await cancel_job(transaction, job_id)
    assert await find_job_part(database, job_id, 0) is None
    assert not await has_due_job(database, lease_seconds=LEASE_SECONDS)
    if job is not None:
        with pytest.raises(JobLostError):
            await save(database, job)


async def test_parts_are_deleted_when_the_job_ends(database: Database) -> None:
    job_id = await enqueue(database)
    async with database.transaction() as transaction:
        await add_job_parts(transaction, job_id, [b"\x00\xff", b"two"])
        await add_job_parts(transaction, job_id, [b"three"], first=2)
    parts = [await find_job_part(database, job_id, number) for number in range(4)]
    assert parts == [b"\x00\xff", b"two", b"three", None]
    await finish(database, await claim_one(database))
    assert await find_job_part(database, job_id, 0) is None


async def test_old_finished_jobs_are_purged(database: Database) -> None:
    ended, active = await enqueue(database), await enqueue(database)
    await finish(database, await claim_one(database))
    async with database.transaction() as transaction:
        assert await delete_old_jobs(transaction, get_now() - timedelta(days=1)) == 0
        assert await delete_old_jobs(transaction, get_now() + timedelta(days=1)) == 1
    found = await list_jobs(database, WORKSPACE, before_id=AFTER_ALL_IDS, limit=10)
    assert [row["id"] for row in found] == [active] != [ended]
