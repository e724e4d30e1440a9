"""For whom a background job acts, and whether that person still may."""

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
# What jobs have that were enqueued before scopes were stored.
_DEFAULT_SCOPES = ("tasks:read", "tasks:write")


async def enqueue_for_principal(
    database: Database,
    principal: Principal,
    kind: str,
    payload: dict[str, Any],
    *,
    run_at: datetime | None = None,
) -> Row:
    """Put a job in the queue that acts for the principal in their workspace; return its row."""
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


def note_batch_of_job(job: Job, batch: Batch) -> None:
    """Record the batch of a chunk in the job's progress, before that is stored."""
    written = get_written_batch(batch)
    if written.id is not None:
        job.progress.note_batch(written.id, written.revision)


async def get_job_principal(database: Database, job: Job) -> Principal:
    """Return for whom the job acts, with the credential and the scopes it was asked for with.

    A token that has expired meanwhile does not matter, a role that was lost does.

    Raises:
        InsufficientRoleError: they are gone, disabled, or may not change tasks there any more.
    """
    principal = None
    if job.user_id is not None and job.workspace_id is not None:
        principal = await find_principal_by_id(database, job.user_id, workspace_id=job.workspace_id)
    if principal is None or principal.role not in ("owner", "editor"):
        raise InsufficientRoleError(
            "Whoever asked for this may not change tasks in this workspace any more."
        )
    return replace(
        principal,
        session_id=job.payload.get(_CREDENTIAL),
        scopes=principal.scopes.intersection(job.payload.get(_SCOPES, _DEFAULT_SCOPES)),
    )
