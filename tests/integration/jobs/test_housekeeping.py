"""Housekeeping: one job per hour for all processes, and the rows it deletes besides the trash."""

import asyncio
from datetime import timedelta

import pytest

from taskstead.config.settings import Settings
from taskstead.db.database import Database
from taskstead.jobs.queue import claim_job, enqueue_job, extend_lease, finish_job, has_job
from taskstead.services.housekeeping import JOB_DAYS, enqueue_housekeeping, run_housekeeping
from tests.harness.clock import ManualClock
from tests.harness.settings import make_settings
from tests.integration.jobs.housekeeping import claim, run_housekeeping_at


@pytest.fixture
def clock() -> ManualClock:
    """The application's clock stands still until the test moves it."""
    return ManualClock()


@pytest.fixture
def settings(database_url: str) -> Settings:
    return make_settings(database_url, run_worker=False)


async def test_one_process_runs_the_job_of_the_hour(database: Database, clock: ManualClock) -> None:
    tries = (enqueue_housekeeping(database, trash_days=30, now=clock.now) for _ in range(5))
    assert sorted(await asyncio.gather(*tries)) == [False] * 4 + [True]
    assert await run_housekeeping(database, await claim(database, clock))
    # After its end it is not enqueued again in the same hour.
    assert not await enqueue_housekeeping(database, trash_days=30, now=clock.now)
    assert await claim_job(database, worker="test", lease_seconds=30, clock=clock) is None
    clock.advance(timedelta(hours=1).total_seconds())
    assert await enqueue_housekeeping(database, trash_days=30, now=clock.now)


async def test_old_finished_jobs_are_deleted(database: Database, clock: ManualClock) -> None:
    async with database.transaction() as transaction:
        ids = [
            await enqueue_job(
                transaction, kind="test", payload={}, workspace_id=None, user_id=None, now=clock.now
            )
            for _ in range(2)
        ]
    ended = await claim(database, clock)
    async with database.transaction() as transaction:
        await finish_job(transaction, ended)
    running = await claim(database, clock)
    for days, is_there in ((JOB_DAYS - 1, True), (2, False)):
        clock.advance(timedelta(days=days).total_seconds())
        await extend_lease(database, running)
        await run_housekeeping_at(database, clock.now)
        assert await has_job(database, ended.id) is is_there
    assert {ended.id, running.id} == set(ids)
    assert await has_job(database, running.id), "an unfinished job stays, whatever its age"
