"""JSON of background jobs, also of those that earlier versions created."""

from taskstead.formats.json.system import render_job, render_server_job
from taskstead.schemas.system.jobs import Job, ServerJob
from taskstead.tables.jobs import JobRow
from tests.unit.formats.rows import CREATED, UPDATED, USER_ID, WORKSPACE_ID

FAULT = {"item": 2, "message": "not JSON", "code": "malformed_line", "pointer": None}
JOB: JobRow = {
    "id": "00000000-0000-7000-8000-000000000006",
    "workspace_id": WORKSPACE_ID,
    "user_id": USER_ID,
    "kind": "import",
    "payload": {"secret": "x"},
    "state": "running",
    "progress": {
        "done": 3,
        "total": None,
        "failed": 1,
        "faults": [FAULT],
        "result": {"created": 2},
        "batches": ["00000000-0000-7000-8000-000000000007"],
        "revision": 7,
    },
    "error": None,
    "attempts": 1,
    "run_at": CREATED,
    "claimed_by": "worker",
    "claimed_until": UPDATED,
    "created_at": CREATED,
    "finished_at": None,
}


def test_job_has_the_fields_of_its_schema() -> None:
    job = Job.model_validate(render_job(JOB))
    assert (job.state, job.done, job.failed, job.revision) == ("running", 3, 1, 7)
    assert [error.model_dump() for error in job.errors] == [FAULT]


def test_job_of_an_earlier_version_has_no_batches() -> None:
    progress = {
        name: value
        for name, value in JOB["progress"].items()
        if name not in ("batches", "revision")
    }
    job = Job.model_validate(render_job({**JOB, "progress": progress}))
    assert (job.batches, job.revision) == ([], None)


def test_server_job_also_has_its_lease() -> None:
    job = ServerJob.model_validate(render_server_job({**JOB, "kind": "housekeeping"}))
    assert (job.claimed_by, job.claimed_until, job.attempts) == ("worker", UPDATED, 1)
