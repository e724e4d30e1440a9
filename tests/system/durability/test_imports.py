"""Imports survive SIGKILL of the server: each task is imported exactly once."""

from collections import Counter
from pathlib import Path
from typing import Any

import httpx2
import pytest

from taskstead.db.factory import open_database
from taskstead.ids import make_id
from taskstead.services.transfer.imports import CHUNK
from tests.harness.client import Client
from tests.harness.settings import WAIT_SECONDS
from tests.integration.jobs.waiting import SECONDS, wait_for_job
from tests.integration.log.replica import Replica, check_change_log, read_log
from tests.integration.transfer.files import make_lines, send
from tests.system.durability.servers import ServerProcess
from tests.system.durability.test_jobs import kill_during_job

COUNT = 12 * CHUNK
TITLES = [f"Task {number}" for number in range(COUNT)]


def make_file(root: str) -> bytes:
    """Write lines without ids, so that only the job's state prevents duplicates.

    Some have a parent. It comes last and has the given id.
    """
    lines: list[dict[str, Any]] = [{"title": title} for title in TITLES]
    for line in lines[::7]:
        line["parent"] = root
    return make_lines(*lines, {"id": root, "title": "Root"})


@pytest.mark.parametrize("kills", [1, pytest.param(4, marks=pytest.mark.system)])
async def test_each_line_is_imported_once_despite_server_kills(
    database_url: str, tmp_path: Path, kills: int
) -> None:
    server = ServerProcess(database_url, tmp_path, job_lease_seconds="1", job_poll_seconds="0.05")
    server.start()
    try:
        async with httpx2.AsyncClient(base_url=server.url, timeout=SECONDS) as http:
            owner = await Client(http).register("owner@example.com")
            workspace_id = (await owner.get("/auth/me")).json()["personal_workspace_id"]
            roots: list[str] = []
            killed = 0
            while killed < kills:  # one job, unless it finishes before the kill
                roots.append(make_id())
                started = await send(owner, make_file(roots[-1]))
                path = started.headers["location"]
                killed += await kill_during_job(server, owner, path, kills - killed)
                job = await wait_for_job(owner, started)
                assert (job["state"], job["done"], job["total"]) == ("done", COUNT + 1, COUNT + 1)
                assert (job["failed"], job["result"]) == (0, {"created": COUNT + 1})
    finally:
        server.kill()
    database = await open_database(database_url, pool_size=1, wait_seconds=WAIT_SECONDS)
    try:
        replica = Replica(workspace_id)
        await check_change_log(database, replica)
        log = await read_log(database, workspace_id)
    finally:
        await database.close()
    tasks = replica.rows["task"].values()
    titles = Counter(row["title"] for row in tasks)
    assert titles == dict.fromkeys([*TITLES, "Root"], len(roots))
    below = Counter(row["parent_id"] for row in tasks if row["parent_id"])
    assert below == dict.fromkeys(roots, len(TITLES[::7]))
    assert sum(change["kind"] == "task" for change in log) == (COUNT + 1) * len(roots)
