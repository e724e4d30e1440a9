"""Background jobs on the wire."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from taskstead.db.statements import Row
from taskstead.schemas.base import Output

JobState = Literal["queued", "running", "done", "failed", "cancelled"]
JobKind = Literal["bulk_process", "import"]


class JobFault(Output):
    """Something that the job could not do, while it went on."""

    item: Annotated[int, Field(description="The number of the task, or of the line in the file.")]
    message: str
    code: str
    pointer: Annotated[
        str | None, Field(description="The field (RFC 6901), where it is about one.")
    ]


class Job(Output):
    """Work that is done in the background."""

    id: str
    kind: JobKind
    state: Annotated[
        JobState,
        Field(
            description="`queued` until it is begun, and between two tries; `failed` when it was "
            "given up, with the reason in `error`. What was done until then stays done."
        ),
    ]
    done: Annotated[int, Field(description="How many were gone through, failed ones too.")]
    total: Annotated[int | None, Field(description="Of how many; null until that is known.")]
    failed: Annotated[int, Field(description="How many of them could not be done.")]
    errors: Annotated[list[JobFault], Field(description="Why, for the first hundred of these.")]
    result: Annotated[dict[str, int], Field(description="Counts of what has come of it.")]
    batches: Annotated[
        list[str],
        Field(
            description="The batches that it has written to the log, one for each chunk that has "
            "changed something, the oldest first. To undo the job, undo them from the last to the "
            "first (`POST /api/v1/batches/{batch_id}/undo`)."
        ),
    ]
    revision: Annotated[
        int | None,
        Field(description="The revision of the workspace after the last of these batches."),
    ]
    error: Annotated[
        str | None, Field(description="Why it failed, or why it is being tried again.")
    ]
    created_at: datetime
    finished_at: datetime | None


def render_job(row: Row) -> dict[str, Any]:
    """Return the JSON data of a row of ``queries.jobs``, shaped as :class:`Job`."""
    progress = row["progress"]
    return {
        "id": row["id"],
        "kind": row["kind"],
        "state": row["state"],
        "done": progress["done"],
        "total": progress["total"],
        "failed": progress["failed"],
        "errors": progress["faults"],
        "result": progress["result"],
        # Jobs of earlier versions have neither.
        "batches": progress.get("batches", []),
        "revision": progress.get("revision"),
        "error": row["error"],
        "created_at": row["created_at"],
        "finished_at": row["finished_at"],
    }


class ServerJob(Job):
    """A job as an administrator sees it, whosever it is."""

    kind: Annotated[str, Field(examples=["import", "housekeeping"])]  # type: ignore[assignment]
    workspace_id: Annotated[str | None, Field(description="null for the server's own.")]
    user_id: Annotated[str | None, Field(description="Whom it works for.")]
    attempts: Annotated[
        int, Field(description="How often it was begun since it last got on; 8 are the most.")
    ]
    run_at: Annotated[datetime, Field(description="When it is or was due.")]
    claimed_by: Annotated[str | None, Field(description="The worker that does it now.")]
    claimed_until: Annotated[
        datetime | None, Field(description="When another one takes over, should it say no more.")
    ]


_OF_SERVER = ("workspace_id", "user_id", "attempts", "run_at", "claimed_by", "claimed_until")


def render_server_job(row: Row) -> dict[str, Any]:
    """Return the JSON data of a row of ``queries.jobs``, shaped as :class:`ServerJob`."""
    return {**render_job(row), **{name: row[name] for name in _OF_SERVER}}
