"""Background work: jobs and housekeeping, in a server process or in ``taskstead worker``.

The module imports neither the routes nor FastAPI, because they double the time that ``taskstead
worker`` needs to start.
"""

import asyncio
import math
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from taskstead.clock import Clock
from taskstead.config.settings import Settings
from taskstead.db.database import Database
from taskstead.db.factory import open_database
from taskstead.db.migrate import ensure_migrated
from taskstead.faces.worker.loop import running_worker
from taskstead.jobs.wakeup import JobSignal
from taskstead.observability.query_stats import Meter
from taskstead.services.housekeeping import housekeeping_schedule


@asynccontextmanager
async def configured_database(settings: Settings) -> AsyncGenerator[Database]:
    """Open the database of the settings for the duration of the block.

    If ``migrate_on_start`` is true, the database is migrated first.
    """
    url = settings.effective_database_url
    if settings.migrate_on_start:
        await ensure_migrated(url)
    database = await open_database(
        url,
        pool_size=settings.database_pool_size,
        wait_seconds=settings.database_wait_seconds,
        queue_seconds=settings.database_queue_seconds,
        meter=Meter(slow_seconds=settings.slow_query_ms / 1000 or math.inf),
    )
    try:
        yield database
    finally:
        await database.close()


@asynccontextmanager
async def background_tasks(
    database: Database, wakeup: JobSignal, *, settings: Settings, clock: Clock
) -> AsyncGenerator[None]:
    """Run background jobs and housekeeping for the duration of the block."""
    async with (
        housekeeping_schedule(
            database,
            wakeup,
            clock=clock,
            trash_days=settings.trash_days,
            log_days=settings.log_days,
            audit_days=settings.audit_days,
        ),
        running_worker(database, wakeup, settings=settings, clock=clock),
    ):
        yield


async def run_worker_process(settings: Settings, stop: asyncio.Event, *, clock: Clock) -> None:
    """Run background jobs and housekeeping, without serving requests, until ``stop`` is set."""
    async with (
        configured_database(settings) as database,
        background_tasks(database, JobSignal(), settings=settings, clock=clock),
    ):
        await stop.wait()
