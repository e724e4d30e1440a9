"""The client of these tests talks to the balancer; every test finds an empty database."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx2
import pytest

from tests.client import Client
from tests.faults.deployment import Deployment, running_deployment
from tests.servers.postgres import Postgres
from tests.servers.valkey import ValkeyServer

_DATABASE = "taskstead_balanced"
# What only exists where the server is part of the test.
_INSIDE = {"app", "server", "database", "settings", "database_url", "hashing"}
_LEFT_OUT = {
    # They have settings of their own.
    "TestWithRequiredIfMatch",
    "TestServerErrors",
    "TestWithSmallLimit",
    # nginx answers by itself: to methods and paths that it does not know, to large bodies, and to
    # headers in several lines.
    "test_if_match_list_may_span_several_headers",
    "test_unknown_task_is_not_found",
    "test_every_legacy_response_has_deprecation_headers",
    "test_every_response_has_a_request_id",
    "test_unknown_paths_and_methods_are_problems",
}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests that look into the server, or are about something else."""
    here = Path(__file__).parent
    left_out = [
        item
        for item in items
        if here in item.path.parents
        and (
            _INSIDE & set(getattr(item, "fixturenames", ()))
            or _LEFT_OUT & {node.name.partition("[")[0] for node in item.listchain()}
        )
    ]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.fixture(scope="session")
def deployment(
    postgres_server: Postgres,
    valkey_server: ValkeyServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Deployment]:
    """The whole set, for all tests here."""
    folder = tmp_path_factory.mktemp("deployment")
    url = postgres_server.create_database(_DATABASE)
    with running_deployment(url, valkey_server.url, folder) as deployment:
        yield deployment
    postgres_server.drop_database(_DATABASE)


@pytest.fixture
def engine() -> str:
    """Several machines need PostgreSQL."""
    return "postgresql"


@pytest.fixture
async def client(
    deployment: Deployment, postgres_server: Postgres, valkey: ValkeyServer
) -> AsyncIterator[Client]:
    """A client of the balancer that is not logged in."""
    del valkey  # empty now
    tables = postgres_server.run_sql(
        "SELECT string_agg(format('%I', tablename), ', ') FROM pg_tables "
        "WHERE schemaname = 'public' AND tablename <> 'alembic_version'",
        _DATABASE,
    )
    # Of what is left under way and this, it is that which is broken off where both wait.
    postgres_server.run_sql(f"SET deadlock_timeout = '10min'; TRUNCATE {tables}", _DATABASE)
    async with httpx2.AsyncClient(base_url=deployment.url, timeout=30) as http:
        yield Client(http)
