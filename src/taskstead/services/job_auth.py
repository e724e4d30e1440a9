"""Jobs that act for a user: how they are enqueued, and the context in which they run.

Such a job runs with the current role of the user and the scopes of the request that enqueued it.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

from taskstead.db.database import Database
from taskstead.errors import InsufficientRoleError
from taskstead.jobs.queue import Job, enqueue_job
from taskstead.queries.accounts.principals import find_principal_by_id
from taskstead.queries.system.jobs import get_job
from taskstead.services.changelog import Batch, summarize_batch
from taskstead.services.context import WriteContext
from taskstead.tables.jobs import JobRow

# Keys of a job's payload.
_CREDENTIAL = "credential_id"
_SCOPES = "scopes"
# Scopes of jobs that were enqueued by a version that did not store scopes.
_DEFAULT_SCOPES = ("tasks:read", "tasks:write")


async def enqueue_for_principal(
    ctx: WriteContext,
    kind: str,
    payload: dict[str, Any],
    *,
    run_at: datetime | None = None,
) -> JobRow:
    """Enqueue a job that acts for the principal in their workspace; return its row.

    A job without ``run_at`` is due now, so ``ctx.has_new_jobs`` is set.
    """
    async with ctx.database.transaction() as transaction:
        job_id = await enqueue_job(
            transaction,
            kind=kind,
            payload={
                **payload,
                _CREDENTIAL: ctx.principal.credential_id,
                _SCOPES: sorted(ctx.principal.scopes),
            },
            workspace_id=ctx.principal.workspace_id,
            user_id=ctx.principal.user_id,
            now=ctx.clock(),
            run_at=run_at,
        )
        row = await get_job(transaction, ctx.principal.workspace_id, job_id)
    if run_at is None:
        ctx.has_new_jobs = True
    return row


def record_job_batch(job: Job, batch: Batch) -> None:
    """Add the batch of a chunk to the job's progress. Call it before the progress is stored."""
    written = summarize_batch(batch)
    if written.id is not None:
        job.progress.add_batch(written.id, written.revision)


async def make_job_context(database: Database, job: Job) -> WriteContext:
    """Return the context of a chunk of a job.

    The principal is the job's user, with the credential and scopes of the request.

    The job continues if the credential has expired. It stops if the user may no longer change
    tasks.

    Raises:
        InsufficientRoleError: the user was deleted or disabled, or is no longer an editor or owner
            of the workspace.
    """
    principal = None
    if job.user_id is not None and job.workspace_id is not None:
        principal = await find_principal_by_id(database, job.user_id, workspace_id=job.workspace_id)
    if principal is None or principal.role not in ("owner", "editor"):
        raise InsufficientRoleError(
            "The user who started this job may no longer change tasks in this workspace."
        )
    principal = replace(
        principal,
        job_credential_id=job.payload.get(_CREDENTIAL),
        scopes=principal.scopes.intersection(job.payload.get(_SCOPES, _DEFAULT_SCOPES)),
    )
    return WriteContext(principal, database, job.clock)
