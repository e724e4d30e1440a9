"""Jobs that act for a user: they run with the user's current role and the scopes of the request."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from taskstead.db.database import Database
from taskstead.db.statements import Row
from taskstead.errors import InsufficientRoleError
from taskstead.jobs.queue import Job, enqueue_job
from taskstead.queries.jobs import get_job
from taskstead.queries.principals import Principal, find_principal_by_id
from taskstead.services.changes import Batch, get_written_batch

_CREDENTIAL = "credential_id"
_SCOPES = "scopes"
# For jobs enqueued by a version that did not store scopes.
_DEFAULT_SCOPES = ("tasks:read", "tasks:write")


async def enqueue_for_principal(
    database: Database,
    principal: Principal,
    kind: str,
    payload: dict[str, Any],
    *,
    run_at: datetime | None = None,
) -> Row:
    """Enqueue a job that acts for the principal in their workspace; return its row."""
    async with database.transaction() as transaction:
        job_id = await enqueue_job(
            transaction,
            kind=kind,
            payload={
                **payload,
                _CREDENTIAL: principal.credential_id,
                _SCOPES: sorted(principal.scopes),
            },
            workspace_id=principal.workspace_id,
            user_id=principal.user_id,
            run_at=run_at,
        )
        return await get_job(transaction, principal.workspace_id, job_id)


def record_job_batch(job: Job, batch: Batch) -> None:
    """Record the batch of a chunk in the job's progress. Call it before the progress is stored."""
    written = get_written_batch(batch)
    if written.id is not None:
        job.progress.add_batch(written.id, written.revision)


async def get_job_principal(database: Database, job: Job) -> Principal:
    """Return the principal of a job: its user, with the credential and scopes of the request.

    The job continues if the credential has expired, but not if the user has lost the role.

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
    return replace(
        principal,
        session_id=job.payload.get(_CREDENTIAL),
        scopes=principal.scopes.intersection(job.payload.get(_SCOPES, _DEFAULT_SCOPES)),
    )
