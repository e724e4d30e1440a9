"""Backup and restore: the restored database has the same rows, also on the other engine."""

import asyncio
from pathlib import Path

import httpx2
import pytest

from taskstead.app import create_app
from taskstead.clock import get_now
from taskstead.db.database import Database
from taskstead.db.factory import open_database
from taskstead.jobs.queue import claim_job
from tests.harness.client import Client
from tests.harness.commands import run_command
from tests.harness.servers.valkey import ValkeyServer
from tests.harness.settings import WAIT_SECONDS, make_settings
from tests.integration.backup.copies import back_up, read_all, release_claims, restore
from tests.integration.log.replica import Replica, check_change_log
from tests.integration.log.world import World

pytestmark = pytest.mark.engines("sqlite", "postgresql")


def list_unfinished(folder: Path) -> list[str]:
    return [path.name for path in folder.glob(".*.part")]


async def test_backup_is_restored_on_the_other_engine(
    world: World, database_url: str, other_url: str, tmp_path: Path
) -> None:
    file, second = tmp_path / "one.backup", tmp_path / "two.backup"
    before = await read_all(database_url)
    assert [name for name, rows in before.items() if not rows] == [], "rows in every table"
    assert any(row["state"] == "running" for row in before["jobs"])
    await back_up(database_url, file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert list_unfinished(tmp_path) == []
    await restore(other_url, file)
    assert await read_all(other_url) == release_claims(before)
    # Restore back, replacing the existing rows while the server runs.
    await back_up(other_url, second)
    await world.create("Too late")
    await restore(database_url, second, "--replace", "--yes")
    assert await read_all(database_url) == release_claims(before)


async def test_restore_empties_the_response_cache(
    world: World,
    database_url: str,
    tmp_path: Path,
    valkey: ValkeyServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = make_settings(database_url, redis_url=valkey.patient_url, run_worker=False)
    await back_up(database_url, tmp_path / "b")
    monkeypatch.setenv("TASKSTEAD_REDIS_URL", valkey.patient_url)

    async def write_and_list(title: str) -> list[str]:
        """Write one revision more than the backup has, and read a listing at that revision."""
        app = create_app(settings)
        async with app.router.lifespan_context(app):
            transport = httpx2.ASGITransport(app=app)
            async with httpx2.AsyncClient(
                transport=transport, base_url="http://testserver"
            ) as http:
                owner = await Client(http).log_in("owner@example.com")
                shared = owner.in_workspace(world.owner.workspace_id)
                await shared.create_task(title=title)
                answer = await shared.get("/api/v1/tasks?sort=-number&limit=1")
        return [task["title"] for task in answer.json()["items"]]

    assert await write_and_list("First") == ["First"]
    valkey.send("SET", "theirs:answer:", "kept")
    await restore(database_url, tmp_path / "b", "--replace", "--yes")
    assert valkey.send("KEYS", "*:answer:*") == "*1", "keys of other applications stay"
    assert await write_and_list("Second") == ["Second"]


@pytest.mark.usefixtures("world")
async def test_restore_fails_if_redis_does_not_respond(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await back_up(database_url, tmp_path / "b")
    monkeypatch.setenv("TASKSTEAD_REDIS_URL", "redis://127.0.0.1:1/0")
    options = ("--database-url", database_url, "--replace", "--yes")
    result = await asyncio.to_thread(run_command, "restore", str(tmp_path / "b"), *options)
    assert result.exit_code == 1
    assert "Redis does not respond" in result.stderr


async def test_server_serves_a_restored_database(
    world: World, database_url: str, other_url: str, tmp_path: Path
) -> None:
    await back_up(database_url, tmp_path / "b")
    await restore(other_url, tmp_path / "b")
    app = create_app(make_settings(other_url, run_worker=False))
    async with app.router.lifespan_context(app):
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://testserver") as http:
            owner = await Client(http).log_in("owner@example.com")
            shared = owner.in_workspace(world.owner.workspace_id)
            last = (await shared.get("/api/v1/tasks?sort=-number&limit=1")).json()["items"][0]
            made = await shared.create_task(title="New", tags=["zwei"], category="home")
            assert made["number"] == last["number"] + 1
            for query in ("wörter zwei", "a,b", "say"):
                found = (await shared.get("/api/v1/tasks", params={"q": query})).json()
                assert len(found["items"]) == 1, query
        database: Database = app.state.server.database
        await check_change_log(database, Replica(world.owner.workspace_id))
        # The job that was claimed can be claimed again.
        assert await claim_job(database, worker="next", lease_seconds=30, clock=get_now) is not None


async def test_backup_is_a_consistent_snapshot(
    world: World, database_url: str, other_url: str, tmp_path: Path
) -> None:
    written = 0
    is_under_way, is_over = asyncio.Event(), asyncio.Event()

    async def write() -> None:
        nonlocal written
        while not is_over.is_set():
            task = await world.create(f"Task {written}", tags=[f"tag {written % 7}"])
            await world.patch(task, title="Changed", category=f"c {written % 3}")
            written += 1
            if written == 20:
                is_under_way.set()
        await world.create("After the backup")

    writer = asyncio.create_task(write())
    await is_under_way.wait()
    await back_up(database_url, tmp_path / "b")
    is_over.set()
    await writer
    await restore(other_url, tmp_path / "b")
    copy = await open_database(other_url, pool_size=1, wait_seconds=WAIT_SECONDS)
    try:
        replica = Replica(world.owner.workspace_id)
        await check_change_log(copy, replica)
    finally:
        await copy.close()
    await check_change_log(world.database, world.replica)
    assert 20 < len(replica.rows["task"]) < len(world.replica.rows["task"])


async def test_backup_is_written_to_and_read_from_a_pipe(
    world: World, database_url: str, other_url: str
) -> None:
    done = await asyncio.to_thread(run_command, "backup", "-", "--database-url", database_url)
    assert done.exit_code == 0, done.output
    options = ("restore", "-", "--database-url", other_url)
    result = await asyncio.to_thread(run_command, *options, stdin=done.stdout_bytes)
    assert result.exit_code == 0, result.output
    found = {row["id"] for row in (await read_all(other_url))["users"]}
    assert found == {world.owner.user_id, world.other.user_id}
