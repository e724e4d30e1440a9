"""Test helpers: clients that write to a server, and checks of the database against their record."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Protocol

import httpx2
from sqlalchemy import BindParameter, bindparam, select

from taskstead.db.database import Database
from taskstead.db.factory import open_database
from taskstead.tables.changes import changes
from taskstead.tables.tasks import tasks
from taskstead.tables.workspaces import workspaces
from tests.harness.client import Client
from tests.harness.settings import WAIT_SECONDS
from tests.harness.untyped import untyped
from tests.system.durability.writers import TIMEOUT_SECONDS, Ledger, Look, State, Writer

_WORKSPACE: BindParameter[str] = bindparam("workspace")
_LIST_TASKS = select(tasks.c.id, tasks.c.title, tasks.c.deleted_at, tasks.c.revision).where(
    tasks.c.workspace_id == _WORKSPACE
)
_LIST_REVISIONS = (
    select(changes.c.revision, changes.c.entity_id)
    .where(changes.c.workspace_id == _WORKSPACE)
    .order_by(changes.c.revision)
)
_GET_REVISION = select(workspaces.c.revision).where(workspaces.c.id == _WORKSPACE)


class Served(Protocol):
    """A running server with its base URL."""

    @property
    def url(self) -> str:
        """The server's base URL."""


@asynccontextmanager
async def opened(database_url: str) -> AsyncIterator[Database]:
    """Open a database for the duration of the block."""
    database = await open_database(database_url, pool_size=1, wait_seconds=WAIT_SECONDS)
    try:
        yield database
    finally:
        await database.close()


async def register(server: Served, name: str) -> Ledger:
    """Create an account whose tokens outlive the server process."""
    async with httpx2.AsyncClient(base_url=server.url, timeout=TIMEOUT_SECONDS) as http:
        client = await Client(http).register(f"{name}@example.com")
        me = (await client.get("/auth/me")).json()
    return Ledger(me["personal_workspace_id"], client)


@asynccontextmanager
async def running_writers(
    ledgers: list[Ledger],
    server: Served,
    chance: random.Random,
    *,
    writers: int = 3,
    look: Look | None = None,
) -> AsyncIterator[None]:
    """Run clients that write to a server during the block.

    Args:
        ledgers: the records of acknowledged writes, one per workspace.
        server: the server to write to.
        chance: the source of randomness.
        writers: the number of clients for each ledger.
        look: a function that receives every response.
    """
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        for ledger in ledgers:
            for _ in range(writers):
                writer = Writer(ledger, server.url, chance, look)
                group.create_task(writer.write(stop))
        try:
            yield
        finally:
            stop.set()


async def check_ledger(database: Database, ledger: Ledger) -> None:
    """Check that all acknowledged writes are stored. Record the outcome of the unanswered ones."""
    parameters = {"workspace": ledger.workspace_id}
    rows = {row["id"]: row for row in await database.fetch_all(untyped(_LIST_TASKS), parameters)}
    log = await database.fetch_all(untyped(_LIST_REVISIONS), parameters)
    workspace = await database.fetch_one(untyped(_GET_REVISION), parameters)
    assert workspace is not None
    assert [row["revision"] for row in log] == list(range(1, workspace["revision"] + 1))
    for revision, task_id in ledger.revisions.items():
        assert log[revision - 1]["entity_id"] == task_id, f"revision {revision} was acknowledged"
    assert rows.keys() <= {known.id for known in ledger.tasks}
    for known in ledger.tasks:
        state = find_state(rows.get(known.id))
        assert state in known.states, f"acknowledged: {known}"
        known.states = [state]
        if state is not None:
            assert rows[known.id]["revision"] >= known.revision


def find_state(row: dict[str, Any] | None) -> State | None:
    """Return the part of a task's row that a client knows."""
    return None if row is None else State(row["title"], is_trashed=row["deleted_at"] is not None)
