"""Those who watch a database hear of commits, of their own process and of others."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from taskstead.db.database import Database
from taskstead.ids import make_id
from tests.db.things import INSERT_NAMED, make_thing, opened

PATIENCE_SECONDS = 60


class Ear:
    """What was heard."""

    def __init__(self) -> None:
        self.heard: asyncio.Queue[str | None] = asyncio.Queue()

    async def hear(self, *expected: str | None) -> str | None:
        """Return the first of what is expected that is heard."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while (found := await self.heard.get()) not in expected:
                pass
        return found

    def list_ids(self) -> list[str]:
        """Return the workspaces heard of so far."""
        found = []
        while not self.heard.empty():
            found.append(self.heard.get_nowait())
        return [one for one in found if one is not None]


@pytest.fixture
async def other(url: str) -> AsyncIterator[Database]:
    """The same database, opened by another process."""
    async with opened(url) as database:
        yield database


async def write(database: Database, *workspaces: str, error: type[Exception] | None = None) -> None:
    async with database.transaction() as transaction:
        await transaction.execute(INSERT_NAMED, make_thing(make_id()))
        for workspace in workspaces:
            transaction.announce(workspace)
        if error is not None:
            raise error


async def test_own_commits_are_heard_at_once_and_by_name(database: Database) -> None:
    ear, one, two = Ear(), make_id(), make_id()
    async with database.watch(ear.heard.put_nowait):
        await write(database, one, two)
        await ear.hear(one, two)
        await ear.hear(one, two)
    await write(database, one)
    assert ear.list_ids() == []


async def test_what_is_rolled_back_is_not_heard(database: Database) -> None:
    ear, one, two = Ear(), make_id(), make_id()
    async with database.watch(ear.heard.put_nowait):
        with pytest.raises(ZeroDivisionError):
            await write(database, one, error=ZeroDivisionError)
        await write(database, two)
        assert await ear.hear(one, two) == two


async def test_commits_of_other_processes_are_heard(database: Database, other: Database) -> None:
    ear, workspaces = Ear(), [make_id() for _ in range(400)]
    async with database.watch(ear.heard.put_nowait):
        # The watching has begun: until then, what is there has to be looked at.
        await ear.hear(None)
        await write(other, *workspaces)
        if database.dialect == "sqlite":
            await ear.hear(None)
        else:
            heard = {await ear.hear(*workspaces) for _ in workspaces}
            assert heard == set(workspaces)


async def test_who_closes_tells_what_is_still_to_be_told(database: Database, url: str) -> None:
    ear, names = Ear(), [make_id() for _ in range(3)]
    async with database.watch(ear.heard.put_nowait):
        await ear.hear(None)
        async with opened(url) as leaving:
            for name in names:
                await write(leaving, name)
        await ear.hear(names[-1], *([None] if database.dialect == "sqlite" else []))
