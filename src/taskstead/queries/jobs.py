"""Reading background jobs and what is stored for them."""

from sqlalchemy import BigInteger, bindparam, func, or_, select

from taskstead.db.database import Reader
from taskstead.db.statements import Row
from taskstead.db.types import Instant
from taskstead.errors import NotFoundError
from taskstead.tables.jobs import job_parts, jobs

_IN_WORKSPACE = select(jobs).where(jobs.c.workspace_id == bindparam("workspace_id"))
_GET = _IN_WORKSPACE.where(jobs.c.id == bindparam("id"))
_LIST = (
    _IN_WORKSPACE.where(jobs.c.id < bindparam("before_id"))
    .order_by(jobs.c.id.desc())
    .limit(bindparam("limit", type_=BigInteger))
)
_FIND_PART = select(job_parts.c.data).where(
    job_parts.c.job_id == bindparam("job_id"), job_parts.c.number == bindparam("number")
)
_IS_OPEN = or_(*(jobs.c.state == state for state in ("queued", "running", "failed")))
_COUNT_OPEN = (
    select(
        jobs.c.kind,
        jobs.c.state,
        func.count().label("count"),
        func.min(jobs.c.run_at, type_=Instant).label("due_at"),
    )
    .where(_IS_OPEN)
    .group_by(jobs.c.kind, jobs.c.state)
)


async def get_job(reader: Reader, workspace_id: str, job_id: str) -> Row:
    """Return a job of the workspace.

    Raises:
        NotFoundError: there is none with this id.
    """
    row = await reader.fetch_one(_GET, {"workspace_id": workspace_id, "id": job_id})
    if row is None:
        message = f"There is no job {job_id} in this workspace."
        raise NotFoundError(message)
    return row


async def list_jobs(reader: Reader, workspace_id: str, *, before_id: str, limit: int) -> list[Row]:
    """Return jobs of the workspace, the newest first, older than the one with this id."""
    return await reader.fetch_all(
        _LIST, {"workspace_id": workspace_id, "before_id": before_id, "limit": limit}
    )


async def find_job_part(reader: Reader, job_id: str, number: int) -> bytes | None:
    """Return a part of what a job works on; None behind the last one."""
    row = await reader.fetch_one(_FIND_PART, {"job_id": job_id, "number": number})
    return None if row is None else bytes(row["data"])


async def count_open_jobs(reader: Reader) -> list[Row]:
    """Return ``count`` and the earliest ``due_at`` of jobs by ``kind`` and ``state``.

    Of the whole server, and without those that are done or cancelled.
    """
    return await reader.fetch_all(_COUNT_OPEN, {})
