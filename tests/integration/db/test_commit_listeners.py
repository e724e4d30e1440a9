"""Commit listeners: notifications of commits of this process and of others."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from taskstead.db.database import Database
from taskstead.ids import make_id
from tests.integration.db.things import INSERT_NAMED, make_thing, opened

pytestmark = pytest.mark.engines("sqlite", "postgresql")

TIMEOUT_SECONDS = 60


class Listener:
    """Collects notifications."""

    def __init__(self) -> None:
        self.heard: asyncio.Queue[str | None] = asyncio.Queue()

    async def wait_for(self, *expected: str | None) -> str | None:
        """Return the first notification that is one of the expected ones."""
        async with asyncio.timeout(TIMEOUT_SECONDS):
            while (found := await self.heard.get()) not in expected:
                pass
        return found

    def list_ids(self) -> list[str]:
        """Return the workspaces that were notified so far."""
        found = []
        while not self.heard.empty():
            found.append(self.heard.get_nowait())
        return [one for one in found if one is not None]


@pytest.fixture
async def other(url: str) -> AsyncIterator[Database]:
    """The same database, opened as another process would."""
    async with opened(url) as database:
        yield database


async def write(database: Database, *workspaces: str, error: type[Exception] | None = None) -> None:
    async with database.transaction() as transaction:
        await transaction.execute(INSERT_NAMED, make_thing(make_id()))
        for workspace in workspaces:
            transaction.announce(workspace)
        if error is not None:
            raise error


async def test_own_commits_notify_at_once_with_the_workspace(database: Database) -> None:
    ear, one, two = Listener(), make_id(), make_id()
    async with database.watch(ear.heard.put_nowait):
        await write(database, one, two)
        await ear.wait_for(one, two)
        await ear.wait_for(one, two)
    await write(database, one)
    assert ear.list_ids() == []


async def test_rollback_does_not_notify(database: Database) -> None:
    ear, one, two = Listener(), make_id(), make_id()
    async with database.watch(ear.heard.put_nowait):
        with pytest.raises(ZeroDivisionError):
            await write(database, one, error=ZeroDivisionError)
        await write(database, two)
        assert await ear.wait_for(one, two) == two


async def test_commits_of_other_processes_notify(database: Database, other: Database) -> None:
    ear, workspaces = Listener(), [make_id() for _ in range(400)]
    async with database.watch(ear.heard.put_nowait):
        # Watching has begun. A listener must check for earlier changes now.
        await ear.wait_for(None)
        await write(other, *workspaces)
        if database.dialect == "sqlite":
            await ear.wait_for(None)
        else:
            heard = {await ear.wait_for(*workspaces) for _ in workspaces}
            assert heard == set(workspaces)


async def test_closing_sends_pending_notifications(database: Database, url: str) -> None:
    ear, names = Listener(), [make_id() for _ in range(3)]
    async with database.watch(ear.heard.put_nowait):
        await ear.wait_for(None)
        async with opened(url) as leaving:
            for name in names:
                await write(leaving, name)
        await ear.wait_for(names[-1], *([None] if database.dialect == "sqlite" else []))
