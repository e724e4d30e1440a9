"""Fixtures of real servers, to be listed in `pytest_plugins`.

A test that stops or kills its server starts a separate one instead.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.servers.postgres import Postgres, running_postgres
from tests.servers.valkey import ValkeyServer, running_valkey

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
