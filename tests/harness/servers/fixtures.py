"""Fixtures of real servers, to be listed in `pytest_plugins`.

A test that stops or kills its server starts a separate one instead.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.harness.deployment import Deployment, running_deployment
from tests.harness.servers.postgres import Postgres, running_postgres
from tests.harness.servers.valkey import ValkeyServer, running_valkey

# Several test runs may share a server.
_BALANCED_DATABASE = f"taskstead_balanced_{secrets.token_hex(4)}"
POSTGRES_URL_VARIABLE = "TASKSTEAD_TEST_POSTGRES_URL"


@contextmanager
def found_or_running_postgres() -> Iterator[Postgres]:
    """Yield the server that the environment names, or else one that runs during the block."""
    url = os.environ.get(POSTGRES_URL_VARIABLE)
    if url:
        yield Postgres(url)
        return
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    """One PostgreSQL server for the whole run. Each test creates its own databases on it."""
    with found_or_running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def valkey_server() -> Iterator[ValkeyServer]:
    """One Valkey server for the whole run.

    It is never stopped; `valkey` is the same one, emptied.
    """
    with running_valkey() as server:
        yield server


@pytest.fixture
def valkey(valkey_server: ValkeyServer) -> ValkeyServer:
    """The Valkey server without any keys."""
    assert valkey_server.send("FLUSHALL") == "+OK"
    return valkey_server


@pytest.fixture(scope="session")
def deployment(
    postgres_server: Postgres,
    valkey_server: ValkeyServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Deployment]:
    """Two servers and a worker behind nginx, for all tests with the marker ``balanced``."""
    folder = tmp_path_factory.mktemp("deployment")
    url = postgres_server.create_database(_BALANCED_DATABASE)
    with running_deployment(url, valkey_server.url, folder) as deployment:
        yield deployment
    postgres_server.drop_database(_BALANCED_DATABASE)


@pytest.fixture
def empty_deployment(
    deployment: Deployment, postgres_server: Postgres, valkey: ValkeyServer
) -> Deployment:
    """The same deployment, with empty tables and an empty Redis."""
    del valkey  # its fixture has emptied it
    tables = postgres_server.run_sql(
        "SELECT string_agg(format('%I', tablename), ', ') FROM pg_tables "
        "WHERE schemaname = 'public' AND tablename <> 'alembic_version'",
        _BALANCED_DATABASE,
    )
    # A transaction left from the previous test may deadlock with TRUNCATE. The long timeout ensures
    # that PostgreSQL aborts that transaction.
    sql = f"SET deadlock_timeout = '10min'; TRUNCATE {tables}"
    postgres_server.run_sql(sql, _BALANCED_DATABASE)
    return deployment
