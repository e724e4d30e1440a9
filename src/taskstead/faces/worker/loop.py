"""The worker's loop: claims due jobs, runs them chunk by chunk and renews their leases.

An idle worker executes one indexed read per poll interval. If a worker is killed, the leases of its
jobs expire. Another worker then claims each job and continues after the last stored chunk.
"""

import asyncio
import contextlib
import logging
import os
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from taskstead.clock import Clock
from taskstead.config.settings import Settings
from taskstead.db.database import Database
from taskstead.errors import ServerError, TasksteadError
from taskstead.faces.worker.registry import HANDLERS
from taskstead.jobs.queue import (
    MAX_ATTEMPTS,
    Job,
    JobLostError,
    claim_job,
    extend_lease,
    has_due_job,
    release_job,
    retry_or_fail_job,
)
from taskstead.jobs.wakeup import JobSignal

# Renewed early enough that one failed renewal does not lose the lease.
_RENEWALS_PER_LEASE = 3

logger = logging.getLogger("taskstead.worker")


@asynccontextmanager
async def running_worker(
    database: Database, wakeup: JobSignal, *, settings: Settings, clock: Clock
) -> AsyncGenerator[None]:
    """Run a worker during the ``async with`` block; on exit, finish the running chunks."""
    worker = Worker(database, wakeup, settings=settings, clock=clock)
    task = asyncio.create_task(worker.run())
    try:
        yield
    finally:
        worker.stop()
        await task


class Worker:
    """Runs due jobs until it is stopped, up to the setting ``jobs_at_once`` concurrently.

    Args:
        database: the database with the job queue.
        wakeup: ends the wait between two polls.
        settings: the settings of jobs: their number, the length of leases and the poll interval.
        clock: the clock of the leases.
    """

    def __init__(
        self, database: Database, wakeup: JobSignal, *, settings: Settings, clock: Clock
    ) -> None:
        self._database = database
        self._settings = settings
        self._clock = clock
        self._wakeup = wakeup
        self._name = f"{socket.gethostname()[:40]}:{os.getpid()}"
        self._running: set[asyncio.Task[None]] = set()
        self._is_stopping = False

    async def run(self) -> None:
        """Run jobs until :meth:`stop` is called; then wait until the running chunks have ended."""
        while not self._is_stopping:
            try:
                await self._claim_due()
            except TasksteadError as error:
                # Retried at the next poll. The database layer already logs outages of the database.
                logger.debug("Could not claim jobs: %s", error.detail)
            except Exception:
                logger.exception("Could not claim jobs.")
            await self._wakeup.wait(self._settings.job_poll_seconds)
        if self._running:
            await asyncio.wait(self._running)

    def stop(self) -> None:
        """Stop claiming jobs, and release each running job after its current chunk."""
        self._is_stopping = True
        self._wakeup.notify()

    async def _claim_due(self) -> None:
        while len(self._running) < self._settings.jobs_at_once and not self._is_stopping:
            lease_seconds = self._settings.job_lease_seconds
            if not await has_due_job(
                self._database, lease_seconds=lease_seconds, now=self._clock()
            ):
                return
            job = await claim_job(
                self._database,
                worker=self._name,
                lease_seconds=lease_seconds,
                clock=self._clock,
            )
            if job is None:
                return
            task = asyncio.create_task(self._run_job(job))
            self._running.add(task)
            task.add_done_callback(self._remove_task)

    def _remove_task(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        # The worker can claim another job now, without waiting for the next poll.
        self._wakeup.notify()

    async def _run_job(self, job: Job) -> None:
        """Run a job until it finishes, fails or is released. Errors are stored, not raised."""
        renewal = asyncio.create_task(self._renew_lease(job))
        try:
            await self._run_chunks(job)
        except JobLostError:
            logger.info("Job %s was cancelled or claimed by another worker.", job.id)
        except TasksteadError as error:
            # After a server error, a retry may succeed. Other errors would occur again.
            is_final = not isinstance(error, ServerError)
            await self._store_failure(job, error.detail, is_final=is_final)
        except Exception as error:
            logger.exception("Job %s (%s) failed.", job.id, job.kind)
            await self._store_failure(job, f"{type(error).__name__}: {error}", is_final=False)
        finally:
            renewal.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await renewal

    async def _run_chunks(self, job: Job) -> None:
        handler = HANDLERS.get(job.kind)
        if handler is None:
            await self._store_failure(
                job, f"This version has no job kind {job.kind}.", is_final=True
            )
            return
        if job.attempts > MAX_ATTEMPTS:
            message = "The worker stopped during every attempt."
            await self._store_failure(job, message, is_final=True)
            return
        while True:
            if self._is_stopping:
                await release_job(self._database, job)
                return
            if await handler(self._database, job):
                logger.info("Job %s (%s) is done.", job.id, job.kind)
                return

    async def _store_failure(self, job: Job, error: str, *, is_final: bool) -> None:
        try:
            await retry_or_fail_job(self._database, job, error, is_final=is_final)
        except JobLostError:
            pass
        except Exception:
            # Nothing was stored, so the job is retried when its lease expires.
            logger.exception("Could not store the error of job %s: %s", job.id, error)

    async def _renew_lease(self, job: Job) -> None:
        """Renew the lease periodically, so that it does not expire during a long chunk."""
        while True:
            await asyncio.sleep(job.lease_seconds / _RENEWALS_PER_LEASE)
            try:
                await extend_lease(self._database, job)
            except JobLostError:
                return
            except TasksteadError as error:
                logger.warning("Could not renew the lease of job %s: %s", job.id, error.detail)
            except Exception:
                logger.exception("Could not renew the lease of job %s.", job.id)
