"""Fixtures: a PostgreSQL primary, its standby, and an application that uses both."""

import asyncio
import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from taskstead.config.settings import Settings
from taskstead.db.migrate import ensure_migrated
from taskstead.db.postgresql.replica import PostgresqlReplica
from taskstead.http.app_state import Server
from tests.conftest import make_settings
from tests.servers.postgres import PostgresServer, running_postgres, running_standby

# Generous: reached only if something hangs.
SECONDS = 180.0
_TEMPLATE = "taskstead_replica_template"
_names = (f"taskstead_replica_{number}" for number in itertools.count(1))


async def wait_until(check: Callable[[], bool]) -> None:
    """Poll until a condition holds."""
    async with asyncio.timeout(SECONDS):
        while not check():  # noqa: ASYNC110 - no event to wait for
            await asyncio.sleep(0.02)


@dataclass
class Pair:
    """A PostgreSQL primary and its standby."""

    primary: PostgresServer
    standby: PostgresServer

    def pause(self) -> None:
        """Pause replay, so that the standby falls behind."""
        self.standby.run_sql("SELECT pg_wal_replay_pause()")

    async def catch_up(self) -> None:
        """Resume replay, and wait until the standby has all committed changes."""
        self.standby.run_sql("SELECT pg_wal_replay_resume()")
        end = self.primary.run_sql("SELECT pg_current_wal_insert_lsn()")
        # An asynchronous commit reaches the log within three rounds of the WAL writer.
        await self.replay_until(end)

    async def replay_until(self, end: str) -> None:
        """Wait until the standby has replayed the primary's log up to a position."""
        has_all = f"SELECT pg_last_wal_replay_lsn() >= '{end}'"
        await wait_until(lambda: self.standby.run_sql(has_all) == "t")

    @contextmanager
    def cancelling_conflicts(self) -> Iterator[None]:
        """Let the standby cancel conflicting queries immediately."""
        setting = "max_standby_streaming_delay"
        for sql in (f"ALTER SYSTEM SET {setting} = 0", "SELECT pg_reload_conf()"):
            self.standby.run_sql(sql)
        try:
            yield
        finally:
            for sql in (f"ALTER SYSTEM RESET {setting}", "SELECT pg_reload_conf()"):
                self.standby.run_sql(sql)


@pytest.fixture(scope="package")
def pair() -> Iterator[Pair]:
    """The primary and the standby."""
    with running_postgres() as primary, running_standby(primary) as standby:
        asyncio.run(ensure_migrated(primary.create_database(_TEMPLATE)))
        yield Pair(primary, standby)


@pytest.fixture
def settings(pair: Pair) -> Settings:
    """A new database on the primary, read from the standby. The response cache is off."""
    name = next(_names)
    url = pair.primary.create_database(name, template=_TEMPLATE)
    return make_settings(
        url, database_read_url=pair.standby.url(name), cache_bytes=0, run_worker=False
    )


@pytest.fixture
def replica(server: Server) -> PostgresqlReplica:
    """The application's replica object."""
    replica = server.replica
    assert isinstance(replica, PostgresqlReplica)
    return replica
