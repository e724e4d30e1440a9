"""A server of its own, its standby, and the application in front of both."""

import asyncio
import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from taskstead.db.migrate import ensure_migrated
from taskstead.db.replica import Replica
from taskstead.http.state import Server
from taskstead.settings import Settings
from tests.conftest import make_settings
from tests.servers.postgres import PostgresServer, running_postgres, running_standby

# Only a hang takes so long.
SECONDS = 180.0
_names = (f"taskstead_replica_{number}" for number in itertools.count(1))


async def wait_until(check: Callable[[], bool]) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(SECONDS):
        while not check():  # noqa: ASYNC110 - nobody tells when
            await asyncio.sleep(0.02)


@dataclass
class Pair:
    """A PostgreSQL and its standby."""

    primary: PostgresServer
    standby: PostgresServer

    def pause(self) -> None:
        """Have the standby fall behind from here on."""
        self.standby.run_sql("SELECT pg_wal_replay_pause()")

    async def catch_up(self) -> None:
        """Have the standby go on, until it has all that is committed."""
        self.standby.run_sql("SELECT pg_wal_replay_resume()")
        end = self.primary.run_sql("SELECT pg_current_wal_insert_lsn()")
        # What is committed asynchronously reaches the log within three rounds of its writer.
        await self.replay_until(end)

    async def replay_until(self, end: str) -> None:
        """Wait until the standby has all that the primary has written to its log up to there."""
        has_all = f"SELECT pg_last_wal_replay_lsn() >= '{end}'"
        await wait_until(lambda: self.standby.run_sql(has_all) == "t")

    @contextmanager
    def impatient(self) -> Iterator[None]:
        """Have the standby end at once whatever is in the way of its going on."""
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
    """The two servers."""
    with running_postgres() as primary, running_standby(primary) as standby:
        yield Pair(primary, standby)


@pytest.fixture
def settings(pair: Pair) -> Settings:
    """A fresh database on the one, to be read from the other; no answers are kept."""
    name = next(_names)
    url = pair.primary.create_database(name)
    asyncio.run(ensure_migrated(url))
    return make_settings(
        url, database_read_url=pair.standby.url(name), cache_bytes=0, run_worker=False
    )


@pytest.fixture
def replica(server: Server) -> Replica:
    """The application's own view of its replica."""
    assert server.replica is not None
    return server.replica
