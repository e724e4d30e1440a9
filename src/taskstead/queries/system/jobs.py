"""Queries for background jobs and their parts (the input data of a job).

A server job is any job as seen by an administrator: of any workspace, or of the server itself.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, TypedDict

from sqlalchemy import BigInteger, bindparam, func, or_, select

from taskstead.db.database import Reader
from taskstead.db.sql.functions import is_any_of
from taskstead.db.sql.query import Query
from taskstead.db.sql.types import Id, Instant
from taskstead.domain.jobs import JobState
from taskstead.errors import NotFoundError
from taskstead.tables.jobs import JobRow, job_parts, jobs


class JobPartRow(TypedDict):
    """The content of a part of a job's input."""

    data: bytes


class JobCountRow(TypedDict):
    """The number of jobs of a kind and state, and the time at which the first is due."""

    kind: str
    state: JobState
    count: int
    due_at: datetime


_SELECT_IN_WORKSPACE = select(jobs).where(jobs.c.workspace_id == bindparam("workspace_id"))
_BEFORE = bindparam("before", type_=Instant)
_GET_SERVER_JOB = Query(JobRow, select(jobs).where(jobs.c.id == bindparam("id")))
_GET_JOB = Query(JobRow, _SELECT_IN_WORKSPACE.where(jobs.c.id == bindparam("id")))
_LIST_JOBS = Query(
    JobRow,
    _SELECT_IN_WORKSPACE.where(jobs.c.id < bindparam("before_id"))
    .order_by(jobs.c.id.desc())
    .limit(bindparam("limit", type_=BigInteger)),
)
# Jobs that are neither done nor cancelled. A failed job counts, because it can be retried.
_IS_OPEN = or_(*(jobs.c.state == state for state in ("queued", "running", "failed")))
_FIND_PART = Query(
    JobPartRow,
    select(job_parts.c.data).where(
        job_parts.c.job_id == bindparam("job_id"), job_parts.c.number == bindparam("number")
    ),
)
_COUNT_OPEN = Query(
    JobCountRow,
    select(
        jobs.c.kind,
        jobs.c.state,
        func.count().label("count"),
        func.min(jobs.c.run_at, type_=Instant).label("due_at"),
    )
    .where(_IS_OPEN)
    .group_by(jobs.c.kind, jobs.c.state),
)


async def get_job(reader: Reader, workspace_id: str, job_id: str) -> JobRow:
    """Return a job of the workspace.

    Raises:
        NotFoundError: the workspace has no such job.
    """
    row = await reader.fetch_one(_GET_JOB, {"workspace_id": workspace_id, "id": job_id})
    if row is None:
        raise NotFoundError(f"There is no job {job_id} in this workspace.")
    return row


async def list_jobs(
    reader: Reader, workspace_id: str, *, before_id: str, limit: int
) -> list[JobRow]:
    """Return jobs of the workspace with smaller ids than ``before_id``, newest first."""
    return await reader.fetch_all(
        _LIST_JOBS, {"workspace_id": workspace_id, "before_id": before_id, "limit": limit}
    )


@lru_cache(maxsize=4)
def _build_server_list(names: frozenset[str]) -> Query[JobRow]:
    conditions = {
        "state": is_any_of(jobs.c.state, "state"),
        "kind": jobs.c.kind == bindparam("kind"),
    }
    return Query(
        JobRow,
        select(jobs)
        .where(
            jobs.c.created_at <= _BEFORE,
            or_(jobs.c.created_at < _BEFORE, jobs.c.id < bindparam("before_id", type_=Id)),
            *(conditions[name] for name in sorted(names)),
        )
        # Housekeeping job ids are not time-ordered, so also sort by `created_at`.
        .order_by(jobs.c.created_at.desc(), jobs.c.id.desc())
        .limit(bindparam("limit", type_=BigInteger)),
    )


async def get_server_job(reader: Reader, job_id: str) -> JobRow:
    """Return a job of any workspace or of the server.

    Raises:
        NotFoundError: there is no such job.
    """
    row = await reader.fetch_one(_GET_SERVER_JOB, {"id": job_id})
    if row is None:
        raise NotFoundError(f"There is no job {job_id}.")
    return row


async def list_server_jobs(
    reader: Reader,
    *,
    states: Sequence[str],
    kind: str | None,
    before: tuple[datetime, str],
    limit: int,
) -> list[JobRow]:
    """Return jobs of all workspaces and of the server, newest first.

    Args:
        reader: the database connection to read from.
        states: the states of the jobs; empty for any state.
        kind: the kind of the jobs; None for any kind.
        before: creation time and id of the last job on the previous page.
        limit: maximum number of rows.
    """
    created_at, id_ = before
    values: dict[str, Any] = {}
    if states:
        values["state"] = list(states)
    if kind is not None:
        values["kind"] = kind
    query = _build_server_list(frozenset(values))
    key = {"before": created_at, "before_id": id_}
    return await reader.fetch_all(query, {**values, **key, "limit": limit})


async def find_job_part(reader: Reader, job_id: str, number: int) -> bytes | None:
    """Return a part of a job's input, or None if there is no part with this number."""
    row = await reader.fetch_one(_FIND_PART, {"job_id": job_id, "number": number})
    return None if row is None else row["data"]


async def count_open_jobs(reader: Reader) -> list[JobCountRow]:
    """Return the number of open jobs of the whole server by kind and state.

    Jobs that are done or cancelled are not counted.
    """
    return await reader.fetch_all(_COUNT_OPEN, {})
