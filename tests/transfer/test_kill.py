"""Servers are killed in the midst of an import: each task is there once all the same."""

from pathlib import Path
from typing import Any

import httpx2
import pytest

from taskstead.db.opening import open_database
from taskstead.ids import make_id
from taskstead.services.imports import CHUNK
from tests.client import Client
from tests.durability.servers import ServerProcess
from tests.jobs.test_kill import wait_for_more
from tests.jobs.waiting import ACTIVE, SECONDS, wait_for_job
from tests.law.replica import Replica, check_law, read_log
from tests.transfer.files import make_lines, send

KILLS = 2
COUNT = 12 * CHUNK


@pytest.mark.slow
async def test_each_line_is_imported_once_however_often_the_server_is_killed(
    database_url: str, tmp_path: Path
) -> None:
    # Without ids, so nothing but the job itself keeps a line from going in twice; and some whose
    # parent comes last.
    root = make_id()
    lines: list[dict[str, Any]] = [{"title": f"Task {number}"} for number in range(COUNT)]
    for line in lines[::7]:
        line["parent"] = root
    content = make_lines(*lines, {"id": root, "title": "Root"})
    server = ServerProcess(database_url, tmp_path, job_lease_seconds="1", job_poll_seconds="0.05")
    server.start()
    try:
        async with httpx2.AsyncClient(base_url=server.url, timeout=SECONDS) as http:
            owner = await Client(http).register("owner@example.com")
            workspace_id = (await owner.get("/auth/me")).json()["personal_workspace_id"]
            started = await send(owner, content)
            done, kills = 0, 0
            while kills < KILLS:
                job = await wait_for_more(owner, started.headers["location"], done)
                if job["state"] not in ACTIVE:
                    break
                done = job["done"]
                server.kill()
                server.start()
                kills += 1
            job = await wait_for_job(owner, started)
    finally:
        server.kill()
    assert kills >= 1, "the job was done before it could be killed"
    assert (job["state"], job["done"], job["total"]) == ("done", COUNT + 1, COUNT + 1)
    assert (job["failed"], job["result"]) == (0, {"created": COUNT + 1})
    database = await open_database(database_url, pool_size=1, wait_seconds=5)
    try:
        replica = Replica(workspace_id)
        await check_law(database, replica)
        log = await read_log(database, workspace_id)
    finally:
        await database.close()
    titles = [row["title"] for row in replica.rows["task"].values()]
    assert sorted(titles) == sorted([*(line["title"] for line in lines), "Root"])
    below = [row for row in replica.rows["task"].values() if row["parent_id"] == root]
    assert len(below) == len(lines[::7])
    assert sum(change["kind"] == "task" for change in log) == COUNT + 1
