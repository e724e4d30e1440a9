"""Fixtures: a PostgreSQL primary, its standby, and an application that uses both."""

from collections.abc import Iterator

import pytest

from taskstead.config.settings import Settings
from taskstead.db.postgresql.replica import PostgresqlReplica
from taskstead.http.app_state import Server
from tests.harness.servers.replica_pair import Pair, running_pair


@pytest.fixture(scope="package")
def pair() -> Iterator[Pair]:
    """The primary and the standby."""
    with running_pair() as pair:
        yield pair


@pytest.fixture
def settings(pair: Pair) -> Settings:
    """A new database on the primary, read from the standby. The response cache is off."""
    return pair.make_settings()


@pytest.fixture
def replica(server: Server) -> PostgresqlReplica:
    """The application's replica object."""
    replica = server.replica
    assert isinstance(replica, PostgresqlReplica)
    return replica
