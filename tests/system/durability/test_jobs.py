"""Jobs survive SIGKILL of the server: each task is processed exactly once."""

import asyncio
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from taskstead.db.factory import open_database
from taskstead.services.tasks.bulk.process import CHUNK
from tests.harness.client import Client
from tests.harness.settings import WAIT_SECONDS
from tests.integration.jobs.waiting import ACTIVE, wait_for_job
from tests.integration.log.replica import Replica, check_change_log, read_log
from tests.integration.tasks.bulk.test_processing import PATH, create_many
from tests.system.durability.servers import ServerProcess

COUNT = 12 * CHUNK


async def wait_for_more(client: Client, path: str, done: int) -> dict[str, Any]:
    """Wait until the job has processed more tasks or has ended. Return it."""
    async with asyncio.timeout(60):
        while True:
            job: dict[str, Any] = (await client.get(path)).json()
            if job["done"] > done or job["state"] not in ACTIVE:
                return job


async def kill_during_job(server: ServerProcess, client: Client, path: str, times: int) -> int:
    """Kill and restart the server each time the job has made progress.

    Return the number of kills before the job ended.
    """
    done = 0
    for count in range(times):
        job = await wait_for_more(client, path, done)
        if job["state"] not in ACTIVE:
            return count
        done = job["done"]
        server.kill()
        server.start()
    return times


@pytest.mark.parametrize("kills", [1, pytest.param(4, marks=pytest.mark.system)])
async def test_each_task_is_processed_once_despite_server_kills(
    database_url: str, tmp_path: Path, kills: int
) -> None:
    server = ServerProcess(database_url, tmp_path, job_lease_seconds="1", job_poll_seconds="0.05")
    server.start()
    try:
        async with httpx2.AsyncClient(base_url=server.url, timeout=60) as http:
            owner = await Client(http).register("owner@example.com")
            await create_many(owner, COUNT, due_date="2026-12-01")
            workspace_id = (await owner.get("/auth/me")).json()["personal_workspace_id"]
            jobs, killed = 0, 0
            while killed < kills:  # one job, unless it finishes before the kill
                shift = {"filter": {}, "action": "shift_due_dates", "days": 1}
                started = await owner.post(PATH, shift)
                path = started.headers["location"]
                killed += await kill_during_job(server, owner, path, kills - killed)
                job = await wait_for_job(owner, started)
                assert (job["state"], job["done"], job["total"]) == ("done", COUNT, COUNT)
                jobs += 1
    finally:
        server.kill()
    database = await open_database(database_url, pool_size=1, wait_seconds=WAIT_SECONDS)
    try:
        replica = Replica(workspace_id)
        await check_change_log(database, replica)
        log = await read_log(database, workspace_id)
    finally:
        await database.close()
    changed = Counter(change["entity_id"] for change in log if change["action"] == "updated")
    assert len(changed) == COUNT
    assert set(changed.values()) == {jobs}
    due = str(date(2026, 12, 1) + timedelta(days=jobs))
    assert {row["due_date"] for row in replica.rows["task"].values()} == {due}
