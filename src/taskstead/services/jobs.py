"""What users do with background jobs. How jobs move on by themselves: ``jobs/queue.py``."""

from taskstead.db.database import Database
from taskstead.db.statements import Row
from taskstead.errors import JobEndedError, JobNotFailedError
from taskstead.jobs.queue import end_job, retry_failed_job
from taskstead.queries.jobs import get_job, get_server_job
from taskstead.queries.principals import Principal
from taskstead.services.audit import record_event


async def cancel_job(database: Database, principal: Principal, job_id: str) -> Row:
    """Cancel a job; what it has done stays done, and a chunk under way is not. Return the job.

    Repeating it does no harm.

    Raises:
        NotFoundError: the workspace has no such job.
        JobEndedError: it is done or has failed already.
    """
    async with database.transaction() as transaction:
        await get_job(transaction, principal.workspace_id, job_id)
        was_active = await end_job(transaction, job_id)
        row = await get_job(transaction, principal.workspace_id, job_id)
        if not was_active and row["state"] != "cancelled":
            raise JobEndedError(f"The job has ended already: it is {row['state']}.")
        return row


async def cancel_server_job(database: Database, principal: Principal, job_id: str) -> Row:
    """Cancel any job of the server, as :func:`cancel_job` does one's own.

    Raises:
        NotFoundError: there is no such job.
        JobEndedError: it is done or has failed already.
    """
    async with database.transaction() as transaction:
        old = await get_server_job(transaction, job_id)
        if await end_job(transaction, job_id):
            await record_event(
                transaction, "job.cancelled", by=principal, subject_id=job_id, job=old["kind"]
            )
        elif old["state"] != "cancelled":
            raise JobEndedError(f"The job has ended already: it is {old['state']}.")
        return await get_server_job(transaction, job_id)


async def retry_job(database: Database, principal: Principal, job_id: str) -> Row:
    """Have a failed job of the server tried again, from where it had come to. Return the job.

    Ring the worker's bell after the commit.

    Raises:
        NotFoundError: there is no such job.
        JobNotFailedError: it has not failed.
    """
    async with database.transaction() as transaction:
        old = await get_server_job(transaction, job_id)
        if not await retry_failed_job(transaction, job_id):
            raise JobNotFailedError(
                f"The job is {old['state']}; only one that has failed can be tried again."
            )
        await record_event(
            transaction, "job.retried", by=principal, subject_id=job_id, job=old["kind"]
        )
        return await get_server_job(transaction, job_id)
