"""Behaviour of the complete set of services: jobs run in the worker, and limits of the balancer."""

import signal

import pytest

from tests.harness.client import Client
from tests.harness.deployment import Deployment
from tests.integration.jobs.waiting import ACTIVE

# No engine of this process: only behind the balancer.
pytestmark = [pytest.mark.balanced, pytest.mark.engines()]


async def test_only_the_worker_runs_jobs(deployment: Deployment, owner: Client) -> None:
    await owner.create_task()
    deployment.worker.send_signal(signal.SIGSTOP)
    try:
        job = await owner.post("/api/v1/tasks/bulk-process", {"filter": {}, "action": "trash"})
        assert job.status_code == 202, job.text
        waiting = (await owner.get(job.headers["location"])).json()
        assert waiting["state"] in ACTIVE
    finally:
        deployment.worker.send_signal(signal.SIGCONT)
    done = waiting
    while done["state"] in ACTIVE:
        done = (await owner.get(job.headers["location"])).json()
    assert done["state"] == "done"
    assert (await owner.get("/api/v1/tasks")).json()["items"] == []


async def test_oversized_body_is_rejected_by_the_balancer(owner: Client) -> None:
    answer = await owner.post("/api/v1/tasks", {"title": "x" * (2 << 20)})
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "body_too_large"
