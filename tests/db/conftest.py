"""Fixtures for tests of the engines: a database with the tables of these tests only."""

import itertools
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from taskstead.db.database import Database
from tests.db.things import create_things, opened
from tests.servers.postgres import Postgres

_names = (f"things_{number}" for number in itertools.count(1))


@pytest.fixture
def empty_url(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without tables; on SQLite the file is not there yet."""
    if engine == "sqlite":
        yield f"sqlite:///{tmp_path / 'things.db'}"
    else:
        server: Postgres = request.getfixturevalue("postgres_server")
        name = next(_names)
        yield server.create_database(name)
        server.drop_database(name)


@pytest.fixture
async def url(empty_url: str) -> str:
    """The URL of a database with the tables of things.py."""
    await create_things(empty_url)
    return empty_url


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    """A database with the tables of things.py, open, with no application around it."""
    async with opened(url) as database:
        yield database
