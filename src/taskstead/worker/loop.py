"""The worker's loop: claim what is due, do it chunk by chunk, hold it meanwhile, give it back.

Idle, it does one indexed read for each time of waiting. Who is killed leaves a job with a lease
that runs out; whoever claims it then goes on where the last stored chunk ended.
"""

import asyncio
import contextlib
import logging
import os
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from taskstead.db.database import Database
from taskstead.errors import TasksteadError
from taskstead.http.state import Server
from taskstead.jobs.queue import (
    MAX_ATTEMPTS,
    Job,
    JobLostError,
    claim_job,
    extend_lease,
    fail_job,
    has_due_job,
    release_job,
)
from taskstead.worker.kinds import KINDS

_RENEWALS_PER_LEASE = 3

logger = logging.getLogger("taskstead.worker")


@asynccontextmanager
async def running_worker(server: Server) -> AsyncGenerator[None]:
    """Run a worker as long as the block runs; at its end chunks under way are finished."""
    worker = Worker(server)
    task = asyncio.create_task(worker.run())
    try:
        yield
    finally:
        worker.stop()
        await task


class Worker:
    """Does the jobs that are due, several at a time, until it is stopped.

    Args:
        server: the open parts of a running application; ``server.wakeup`` ends a wait.
    """

    def __init__(self, server: Server) -> None:
        self._database: Database = server.database
        self._settings = server.settings
        self._wakeup = server.wakeup
        self._name = f"{socket.gethostname()[:40]}:{os.getpid()}"
        self._running: set[asyncio.Task[None]] = set()
        self._is_stopping = False

    async def run(self) -> None:
        """Do jobs until :meth:`stop` is called, and the chunks under way after that."""
        while not self._is_stopping:
            try:
                await self._claim_due()
            except TasksteadError as error:
                # The database may be back at the next try; it logs its outages itself.
                logger.debug("Jobs cannot be claimed now: %s", error.detail)
            except Exception:
                logger.exception("Jobs cannot be claimed now.")
            await self._wakeup.wait(self._settings.job_poll_seconds)
        if self._running:
            await asyncio.wait(self._running)

    def stop(self) -> None:
        """Claim no more, and let what runs end with its chunk."""
        self._is_stopping = True
        self._wakeup.ring()

    async def _claim_due(self) -> None:
        while len(self._running) < self._settings.jobs_at_once and not self._is_stopping:
            lease_seconds = self._settings.job_lease_seconds
            if not await has_due_job(self._database, lease_seconds=lease_seconds):
                return
            job = await claim_job(
                self._database,
                worker=self._name,
                lease_seconds=lease_seconds,
            )
            if job is None:
                return
            task = asyncio.create_task(self._do(job))
            self._running.add(task)
            task.add_done_callback(self._forget)

    def _forget(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        # There is room for another one now.
        self._wakeup.ring()

    async def _do(self, job: Job) -> None:
        """Do a job to its end, or as far as it goes; nothing is raised."""
        holding = asyncio.create_task(self._hold(job))
        try:
            await self._do_chunks(job)
        except JobLostError:
            logger.info("Job %s was cancelled or taken over.", job.id)
        except TasksteadError as error:
            is_final = error.status < 500
            await self._fail(job, error.detail, is_final=is_final)
        except Exception as error:
            logger.exception("Job %s (%s) failed.", job.id, job.kind)
            await self._fail(job, f"{type(error).__name__}: {error}", is_final=False)
        finally:
            holding.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await holding

    async def _do_chunks(self, job: Job) -> None:
        step = KINDS.get(job.kind)
        if step is None:
            await self._fail(job, f"This version knows no jobs of kind {job.kind}.", is_final=True)
            return
        if job.attempts > MAX_ATTEMPTS:
            message = "Each try has ended with the end of the worker."
            await self._fail(job, message, is_final=True)
            return
        while True:
            if self._is_stopping:
                await release_job(self._database, job)
                return
            if await step(self._database, job):
                logger.info("Job %s (%s) is done.", job.id, job.kind)
                return

    async def _fail(self, job: Job, error: str, *, is_final: bool) -> None:
        try:
            await fail_job(self._database, job, error, is_final=is_final)
        except JobLostError:
            pass
        except Exception:
            # The lease runs out, and the job is tried again.
            logger.exception("What happened to job %s cannot be written down: %s", job.id, error)

    async def _hold(self, job: Job) -> None:
        """Renew the lease time and again, for chunks that take long."""
        while True:
            await asyncio.sleep(job.lease_seconds / _RENEWALS_PER_LEASE)
            try:
                await extend_lease(self._database, job)
            except JobLostError:
                return
            except TasksteadError as error:
                logger.warning("The lease of job %s cannot be renewed: %s", job.id, error.detail)
            except Exception:
                logger.exception("The lease of job %s cannot be renewed.", job.id)
