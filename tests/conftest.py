"""Fixtures for tests of the whole application, on SQLite and on a real PostgreSQL server.

Every test has its own database, copied from a migrated one. Commits are real.
"""

import asyncio
import gc
import os
import shutil
import sys
from collections.abc import AsyncIterator, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from pydantic import BaseModel

from taskstead.app import create_app
from taskstead.clock import Clock, get_now
from taskstead.config.settings import Settings
from taskstead.db.database import Database
from taskstead.db.migrate import ensure_migrated
from taskstead.http.app_state import Server
from tests.client import Client
from tests.servers.databases import Databases
from tests.servers.postgres import Postgres

pytest_plugins = ["tests.servers.fixtures"]

# The timeout of tests for the database: long, because a busy machine may stall for a while.
WAIT_SECONDS = 30.0

# Slow machines must not cause failures. Runs are deterministic unless more examples are requested.
hypothesis_settings.register_profile(
    "tests",
    deadline=None,
    derandomize="TASKSTEAD_TEST_EXAMPLES" not in os.environ,
    suppress_health_check=[HealthCheck.too_slow],
)
hypothesis_settings.load_profile("tests")

# SQLite waits for the disk at each commit. In memory it does not.
MEMORY_FOLDER = Path("/dev/shm")  # noqa: S108 - pytest creates a private folder in it
MEMORY_BYTES = 4 << 30

RATE_LIMITS = [name for name in Settings.model_fields if name.startswith("rate_limit_")]


def pytest_configure() -> None:
    """Avoid a failing import at every request, and put temporary folders into memory."""
    if find_spec("sniffio") is None:
        # httpx2 tries to import it at every request. An import that fails is slow, unless the
        # module is known to be missing.
        sys.modules["sniffio"] = None  # type: ignore[assignment]
    if os.access(MEMORY_FOLDER, os.W_OK) and shutil.disk_usage(MEMORY_FOLDER).free > MEMORY_BYTES:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY_FOLDER))


def pytest_collection_finish() -> None:
    """Exclude the imported modules from garbage collection, as the server does (``app.py``).

    The tests take a tenth less CPU time.
    """
    gc.freeze()
    gc.set_threshold(50_000)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """The server runs on asyncio, and so do its tests."""
    return "asyncio"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("template") / "taskstead.db"
    asyncio.run(ensure_migrated(f"sqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def postgres_databases(postgres_server: Postgres) -> Iterator[Databases]:
    """Migrated databases on the server, used in rotation."""
    databases = Databases(postgres_server)
    yield databases
    databases.close()


# For requests that are rejected before they reach the database.
sqlite_only = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
# For long checks that hardly depend on the engine: `make test` runs them on SQLite and
# `make test-faults` on PostgreSQL.
one_engine_by_default = pytest.mark.parametrize(
    "engine",
    ["sqlite", pytest.param("postgresql", marks=pytest.mark.faults)],
    indirect=True,
)


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> str:
    """The engine that the test runs on: first one, then the other."""
    return str(request.param)


@pytest.fixture
def database_url(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a new, migrated database."""
    if engine == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        shutil.copy(template, tmp_path / "taskstead.db")
        yield f"sqlite:///{tmp_path / 'taskstead.db'}"
    else:
        databases: Databases = request.getfixturevalue("postgres_databases")
        with databases.lend() as url:
            yield url


class GivenSettings(Settings):
    """Settings from arguments only. Preparing to read the environment takes milliseconds."""

    def __init__(self, **values: Any) -> None:
        BaseModel.__init__(self, **values)


def make_settings(database_url: str, **changes: Any) -> Settings:
    """Create settings for tests: nothing from the environment, and cheap password hashes."""
    values: dict[str, Any] = {
        "environment": "test",
        "database_url": database_url,
        "migrate_on_start": False,
        "database_pool_size": 5,
        "database_wait_seconds": WAIT_SECONDS,
        # A job that this process enqueues wakes its worker immediately. There are no other jobs.
        "job_poll_seconds": 60,
        # Enabled, so that all responses have the headers, but too high to be reached by accident.
        **dict.fromkeys(RATE_LIMITS, "999999999/day"),
        "password_hash_memory_kib": 8,
        "password_hash_time_cost": 1,
    }
    return GivenSettings(**{**values, **changes})


@pytest.fixture
def settings(database_url: str) -> Settings:
    """The settings of the application under test. Tests override this fixture to change some."""
    return make_settings(database_url)


@pytest.fixture
def clock() -> Clock:
    """The clock of the application under test. Tests override this fixture to set the time."""
    return get_now


@pytest.fixture
async def app(settings: Settings, clock: Clock) -> AsyncIterator[FastAPI]:
    """The running application."""
    application = create_app(settings, clock=clock)
    async with application.router.lifespan_context(application):
        yield application


@pytest.fixture
def server(app: FastAPI) -> Server:
    """The state of the running application."""
    parts: Server = app.state.server
    return parts


@pytest.fixture
def database(server: Server) -> Database:
    """The running application's database."""
    return server.database


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[Client]:
    """A client of the application without a login. ``client.register`` creates users."""
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://testserver") as http:
        yield Client(http)


@pytest.fixture
async def owner(client: Client) -> Client:
    """A client logged in as the first user, in their personal workspace."""
    return await client.register("owner@example.com")
