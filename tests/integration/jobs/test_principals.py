"""Principals of jobs: they record the credential of the request, and are no session."""

import pytest

from taskstead.clock import get_now
from taskstead.config.settings import Settings
from taskstead.db.database import Database
from taskstead.errors import ForbiddenError
from taskstead.jobs.queue import claim_job
from taskstead.services.accounts.access import require_session
from taskstead.services.job_auth import make_job_context
from tests.harness.client import Client
from tests.harness.settings import make_settings

TASKS = "/api/v1/tasks"


@pytest.fixture
def settings(database_url: str) -> Settings:
    # Without a worker, jobs stay in the queue, where a test can claim them.
    return make_settings(database_url, run_worker=False)


@pytest.mark.parametrize("kind", ["session", "api_token"])
async def test_job_records_the_credential_but_has_no_session(
    owner: Client, database: Database, kind: str
) -> None:
    client = owner
    if kind == "api_token":
        wanted = {"name": "script", "scopes": ["tasks:read", "tasks:write"]}
        made = await owner.post("/api/v1/tokens", wanted)
        client = owner.with_token(made.json()["token"])
    await client.create_task()
    (change,) = (await client.get(f"{TASKS}/1/history")).json()["items"]
    assert change["credential"]["kind"] == kind

    await client.post(f"{TASKS}/bulk-process", {"filter": {}, "action": "complete"})
    job = await claim_job(database, worker="test", lease_seconds=30, clock=get_now)
    assert job is not None
    principal = (await make_job_context(database, job)).principal
    assert principal.credential_id == change["credential"]["id"]
    assert (principal.session_id, principal.api_token_id) == (None, None)
    with pytest.raises(ForbiddenError):
        require_session(principal)
