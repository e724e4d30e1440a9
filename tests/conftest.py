"""Fixtures for tests of the whole application, on SQLite and on a real PostgreSQL server.

Every test has an empty, migrated database: a copied file on SQLite, and an emptied database on
PostgreSQL. Commits are real.
"""

import asyncio
import gc
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from importlib.util import find_spec
from pathlib import Path

import httpx2
import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from taskstead.app import create_app
from taskstead.clock import Clock, get_now
from taskstead.config.settings import Settings
from taskstead.db.database import Database
from taskstead.db.migrate import ensure_migrated
from taskstead.http.app_state import Server
from tests.harness.client import Client
from tests.harness.deployment import Deployment
from tests.harness.servers.databases import Databases
from tests.harness.servers.postgres import Postgres
from tests.harness.settings import make_settings
from tests.harness.setups import BALANCED, is_balanced, parametrize_engine

pytest_plugins = ["tests.harness.servers.fixtures"]

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


def pytest_configure() -> None:
    """Avoid a failing import at every request, and put temporary folders into memory.

    The garbage collector is off until the tests are collected. Nearly all objects created before
    that stay alive.
    """
    gc.disable()
    # In a suite that was started in the background, SIGINT is ignored. Its commands would inherit
    # that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if find_spec("sniffio") is None:
        # httpx2 tries to import it at every request. An import that fails is slow, unless the
        # module is known to be missing.
        sys.modules["sniffio"] = None  # type: ignore[assignment]
    if os.access(MEMORY_FOLDER, os.W_OK) and shutil.disk_usage(MEMORY_FOLDER).free > MEMORY_BYTES:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY_FOLDER))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Parametrize the fixture ``engine``."""
    parametrize_engine(metafunc)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the tests behind a balancer last. Its servers then do not run during other tests."""
    items.sort(key=is_balanced)


def pytest_collection_finish() -> None:
    """Exclude the imported modules from garbage collection, as the server does (``app.py``).

    The tests take a tenth less CPU time.
    """
    gc.enable()
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


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> str:
    """The engine that the test runs on: ``sqlite`` or ``postgresql``."""
    engine: str = request.param
    return "postgresql" if engine == BALANCED else engine


@pytest.fixture
def balancer(request: pytest.FixtureRequest) -> Deployment | None:
    """The balancer, in front of empty services. None if the application is in this process."""
    if not is_balanced(request.node):
        return None
    deployment: Deployment = request.getfixturevalue("empty_deployment")
    return deployment


@pytest.fixture
def database_url(
    engine: str, balancer: Deployment | None, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[str]:
    """The URL of an empty, migrated database."""
    if balancer:
        yield balancer.database_url
    elif engine == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        shutil.copy(template, tmp_path / "taskstead.db")
        yield f"sqlite:///{tmp_path / 'taskstead.db'}"
    else:
        databases: Databases = request.getfixturevalue("postgres_databases")
        with databases.lend() as url:
            yield url


@pytest.fixture
def settings(database_url: str) -> Settings:
    """The settings of the application under test. Tests override this fixture to change some."""
    return make_settings(database_url)


@pytest.fixture
def clock() -> Clock:
    """The clock of the application under test. Tests override this fixture to set the time."""
    return get_now


@pytest.fixture
async def app(
    settings: Settings, clock: Clock, balancer: Deployment | None
) -> AsyncIterator[FastAPI]:
    """The running application. Behind a balancer, it does not run in this process."""
    application = create_app(settings, clock=clock)
    if balancer:
        yield application
        return
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
async def client(app: FastAPI, balancer: Deployment | None) -> AsyncIterator[Client]:
    """A client without a login. ``client.register`` creates users."""
    if balancer:
        http = httpx2.AsyncClient(base_url=balancer.url, timeout=30)
    else:
        transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
        http = httpx2.AsyncClient(transport=transport, base_url="http://testserver")
    async with http:
        yield Client(http)


@pytest.fixture
async def owner(client: Client) -> Client:
    """A client logged in as the first user, in their personal workspace."""
    return await client.register("owner@example.com")
