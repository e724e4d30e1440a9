"""Schemas of background jobs."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from taskstead.domain.jobs import JobState
from taskstead.schemas.base import Output

JobKind = Literal["bulk_process", "import"]


class JobFault(Output):
    """The error of one item of a job. The job continued with the other items."""

    item: Annotated[int, Field(description="The task number, or the line number in the file.")]
    message: str
    code: str
    pointer: Annotated[
        str | None, Field(description="JSON pointer to the field (RFC 6901), if any.")
    ]


class Job(Output):
    """A background job."""

    id: str
    kind: JobKind
    state: Annotated[
        JobState,
        Field(
            description="`queued`: waiting for a worker or for a retry. `failed`: there are no "
            "more retries; `error` has the reason. Work completed before a failure is not reverted."
        ),
    ]
    done: Annotated[int, Field(description="The number of processed items, including failed ones.")]
    total: Annotated[
        int | None, Field(description="The total number of items; null until it is known.")
    ]
    failed: Annotated[int, Field(description="The number of failed items.")]
    errors: Annotated[
        list[JobFault], Field(description="The errors of the failed items, at most one hundred.")
    ]
    result: Annotated[dict[str, int], Field(description="The result as counts.")]
    batches: Annotated[
        list[str],
        Field(
            description="The batches of the job in the change log, oldest first: one for each "
            "chunk with changes. To undo the job, undo them from the last to the first "
            "(`POST /api/v1/batches/{batch_id}/undo`)."
        ),
    ]
    revision: Annotated[
        int | None,
        Field(description="The revision of the workspace after the last batch."),
    ]
    error: Annotated[str | None, Field(description="Why the job failed or is being retried.")]
    created_at: datetime
    finished_at: datetime | None


class ServerJob(Job):
    """A job of any workspace or of the server, as shown to administrators."""

    kind: Annotated[str, Field(examples=["import", "housekeeping"])]  # type: ignore[assignment]
    workspace_id: Annotated[str | None, Field(description="Null for jobs of the server.")]
    user_id: Annotated[str | None, Field(description="The user who started the job.")]
    attempts: Annotated[
        int, Field(description="The number of attempts since the last progress. The maximum is 8.")
    ]
    run_at: Annotated[datetime, Field(description="The time at which the job is or was due.")]
    claimed_by: Annotated[str | None, Field(description="The worker that holds the lease.")]
    claimed_until: Annotated[
        datetime | None,
        Field(description="When the lease expires. Another worker then takes over."),
    ]
