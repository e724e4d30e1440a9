"""Fixtures for backups: a database with rows in all tables, and an empty one of the other kind."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from taskstead.clock import get_now
from taskstead.config.settings import Settings
from taskstead.http.app_state import Server
from taskstead.jobs.queue import claim_job
from taskstead.schemas.saved_filters import SavedFilterCreate
from taskstead.schemas.tasks.bulk_process import ProcessFilter, SetPriorityOfAll
from taskstead.services.saved_filters.saved_filters import create_saved_filter
from taskstead.services.tasks.bulk.process import start_bulk_process
from taskstead.services.tasks.trash import trash_task
from taskstead.services.tasks.update import complete_task
from taskstead.services.transfer.imports import begin_import, stored_upload
from tests.harness.client import Client
from tests.harness.servers.postgres import Postgres
from tests.harness.settings import make_settings
from tests.integration.log.world import World, build_world


@pytest.fixture
def settings(database_url: str) -> Settings:
    """The worker is off, so that jobs stay unchanged."""
    return make_settings(database_url, run_worker=False)


@pytest.fixture
def other_url(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without tables on the engine that the test does not run on."""
    if engine == "postgresql":
        yield f"sqlite:///{tmp_path / 'restored' / 'taskstead.db'}"
    else:
        server: Postgres = request.getfixturevalue("postgres_server")
        with server.empty_database() as url:
            yield url


async def _stream_body(*lines: str) -> AsyncIterator[bytes]:
    for line in lines:
        yield line.encode()


@pytest.fixture
async def world(server: Server, client: Client) -> World:
    """A database with rows in all tables, with the replica of the shared workspace."""
    world = await build_world(server, World)
    root = await world.create("Wörter 🐘 to search", tags=["Zwei", "a,b"], category="Home")
    below = await world.create("Below", parent=root["id"], description="Much\nto «say»")
    done = await world.create("Done", status="done", due_date="2026-12-01T09:00:00.5+01:00")
    await trash_task(world.ctx, done["id"])
    # A parent that was created after its child.
    late = await world.create("Late")
    await world.patch(below, parent=late["id"])
    daily = await world.create("Daily", due_date="2026-12-01", repeat_rule="FREQ=DAILY")
    await complete_task(world.ctx, daily["id"])
    for name, is_shared in (("Own", False), ("Shared", True)):
        saved = SavedFilterCreate(name=name, filter="@Zwei or #Home", shared=is_shared)
        await create_saved_filter(world.ctx, saved)
    async with stored_upload(
        world.ctx,
        _stream_body('{"title": "x"}\n'),
        kind="jsonl",
        on_conflict="skip",
    ) as stored:
        await begin_import(world.ctx, stored)
    assert (
        await claim_job(world.database, worker="gone", lease_seconds=600, clock=get_now) is not None
    )
    wanted = SetPriorityOfAll(filter=ProcessFilter(), action="set_priority", priority=1)
    await start_bulk_process(world.ctx, wanted)
    owner = await client.log_in("owner@example.com")
    for path, body in {
        "/api/v1/tokens": {"name": "x", "scopes": ["tasks:write"]},
        "/api/v1/invitations": {"email": "new@example.com"},
    }.items():
        assert (await owner.post(path, body)).status_code == 201
    await owner.post("/api/v1/tasks", {"title": "Once"}, headers={"Idempotency-Key": "a"})
    await owner.put("/api/v1/preferences", {"theme": "dark"})
    return world
