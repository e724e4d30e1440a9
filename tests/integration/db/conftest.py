"""Fixtures for tests of the engines: databases that hold only the tables of things.py."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from taskstead.db.database import Database
from tests.harness.servers.postgres import Postgres
from tests.integration.db.things import create_things, opened, run_outside

# Several test runs, and several processes of one, may share a server.
_PREFIX = f"things_{secrets.token_hex(4)}"


@pytest.fixture
def empty_url(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without tables. On SQLite the file does not exist yet."""
    if engine == "sqlite":
        yield f"sqlite:///{tmp_path / 'things.db'}"
    else:
        server: Postgres = request.getfixturevalue("postgres_server")
        with server.empty_database() as url:
            yield url


@pytest.fixture(scope="session")
def postgres_things(postgres_server: Postgres) -> Iterator[str]:
    """The URL of a PostgreSQL database with the tables of things.py, used by one test at a time."""
    url = postgres_server.create_database(_PREFIX)
    asyncio.run(create_things(url))
    yield url
    postgres_server.drop_database(_PREFIX)


@pytest.fixture
def things_url(engine: str, request: pytest.FixtureRequest) -> str:
    """The URL of a database for the tables of things.py."""
    fixture = "postgres_things" if engine == "postgresql" else "empty_url"
    url: str = request.getfixturevalue(fixture)
    return url


@pytest.fixture
async def url(engine: str, things_url: str) -> str:
    """The URL of a database with the tables of things.py, without rows."""
    if engine == "postgresql":
        await run_outside(things_url, "TRUNCATE things, parts")
    else:
        await create_things(things_url)
    return things_url


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    """An open database with the tables of things.py, without an application."""
    async with opened(url) as database:
        yield database
