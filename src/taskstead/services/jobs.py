"""What users do with background jobs. How jobs move on by themselves: ``jobs/queue.py``."""

from taskstead.db.database import Database
from taskstead.db.statements import Row
from taskstead.errors import JobEndedError
from taskstead.jobs.queue import end_job
from taskstead.queries.callers import Caller
from taskstead.queries.jobs import get_job


async def cancel_job(database: Database, caller: Caller, job_id: str) -> Row:
    """Cancel a job; what it has done stays done, and a chunk under way is not. Return the job.

    Repeating it does no harm.

    Raises:
        NotFoundError: the workspace has no such job.
        JobEndedError: it is done or has failed already.
    """
    async with database.transaction() as transaction:
        await get_job(transaction, caller.workspace_id, job_id)
        was_active = await end_job(transaction, job_id)
        row = await get_job(transaction, caller.workspace_id, job_id)
        if not was_active and row["state"] != "cancelled":
            message = f"The job has ended already: it is {row['state']}."
            raise JobEndedError(message)
        return row
