"""Fixtures for tests behind a balancer: the client sends to nginx, and the database is emptied."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx2
import pytest

from tests.client import Client
from tests.faults.deployment import Deployment, running_deployment
from tests.servers.postgres import Postgres
from tests.servers.valkey import ValkeyServer

_DATABASE = "taskstead_balanced"
# Fixtures of the server's process, which tests behind the balancer cannot use.
_IN_PROCESS_FIXTURES = {"app", "server", "database", "settings", "database_url", "hashing"}
_EXCLUDED = {
    # Tests with special settings.
    "TestWithRequiredIfMatch",
    "TestServerErrors",
    "TestWithSmallLimit",
    # The test compares with the clock of the application, which it sets.
    "test_range_of_days_can_be_chosen",
    # nginx reads the whole body before it sends a request to a server.
    "test_write_does_not_wait_for_a_body_that_it_does_not_use",
    # nginx itself answers requests with unknown methods and paths, large bodies, or headers split
    # over several lines.
    "test_if_match_list_may_span_several_headers",
    "test_unknown_task_is_not_found",
    "test_every_legacy_response_has_deprecation_headers",
    "test_every_response_has_a_request_id",
    "test_unknown_paths_and_methods_are_problems",
}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the tests that access the server's process, and the excluded ones."""
    here = Path(__file__).parent
    left_out = [
        item
        for item in items
        if item.path.parent == here
        and (
            _IN_PROCESS_FIXTURES & set(getattr(item, "fixturenames", ()))
            or _EXCLUDED & {node.name.partition("[")[0] for node in item.listchain()}
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
    """All services, for all tests in this folder."""
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
    engine: str, deployment: Deployment, postgres_server: Postgres, valkey: ValkeyServer
) -> AsyncIterator[Client]:
    """A client of the balancer without a login."""
    # Tests may select an engine, which has no effect here. The fixture of Valkey has emptied it.
    del engine, valkey
    tables = postgres_server.run_sql(
        "SELECT string_agg(format('%I', tablename), ', ') FROM pg_tables "
        "WHERE schemaname = 'public' AND tablename <> 'alembic_version'",
        _DATABASE,
    )
    # A transaction left from the previous test may deadlock with TRUNCATE. The long timeout ensures
    # that PostgreSQL aborts that transaction.
    postgres_server.run_sql(f"SET deadlock_timeout = '10min'; TRUNCATE {tables}", _DATABASE)
    async with httpx2.AsyncClient(base_url=deployment.url, timeout=30) as http:
        yield Client(http)
