"""Housekeeping: one job per hour for all processes, and the rows it deletes besides the trash."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from taskstead.clock import get_now
from taskstead.config.settings import Settings
from taskstead.db.database import Database
from taskstead.jobs.queue import Job, claim_job, enqueue_job, finish_job, has_job
from taskstead.services.housekeeping import JOB_DAYS, enqueue_housekeeping, run_housekeeping
from tests.conftest import make_settings

NOW = datetime.now(UTC)


@pytest.fixture
def settings(database_url: str) -> Settings:
    return make_settings(database_url, run_worker=False)


async def claim(database: Database) -> Job:
    job = await claim_job(database, worker="test", lease_seconds=30, clock=get_now)
    assert job is not None
    return job


async def test_one_process_runs_the_job_of_the_hour(database: Database) -> None:
    tries = (enqueue_housekeeping(database, trash_days=30, now=NOW) for _ in range(5))
    assert sorted(await asyncio.gather(*tries)) == [False] * 4 + [True]
    assert await run_housekeeping(database, await claim(database))
    # After its end it is not enqueued again in the same hour.
    assert not await enqueue_housekeeping(database, trash_days=30, now=NOW)
    assert await claim_job(database, worker="test", lease_seconds=30, clock=get_now) is None
    assert await enqueue_housekeeping(database, trash_days=30, now=NOW + timedelta(hours=1))


async def test_old_finished_jobs_are_deleted(database: Database) -> None:
    async with database.transaction() as transaction:
        ids = [
            await enqueue_job(
                transaction, kind="test", payload={}, workspace_id=None, user_id=None, now=NOW
            )
            for _ in range(2)
        ]
    ended = await claim(database)
    async with database.transaction() as transaction:
        await finish_job(transaction, ended)
    (waiting,) = set(ids) - {ended.id}
    await claim(database)
    for days, is_there in ((JOB_DAYS - 1, True), (JOB_DAYS + 1, False)):
        now = NOW + timedelta(days=days)
        assert await enqueue_housekeeping(database, trash_days=0, now=now)
        assert await run_housekeeping(database, await claim(database))
        assert await has_job(database, ended.id) is is_there
    assert await has_job(database, waiting), "an unfinished job stays, whatever its age"
