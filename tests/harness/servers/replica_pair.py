"""A PostgreSQL primary and its standby, and settings of an application that uses both."""

import asyncio
import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from taskstead.config.settings import Settings
from taskstead.db.migrate import ensure_migrated
from tests.harness.servers.postgres import PostgresServer, running_postgres, running_standby
from tests.harness.settings import make_settings

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

    def make_settings(self) -> Settings:
        """Create a database. Return settings that read it from the standby, without a cache."""
        name = next(_names)
        url = self.primary.create_database(name, template=_TEMPLATE)
        return make_settings(
            url, database_read_url=self.standby.url(name), cache_bytes=0, run_worker=False
        )


@contextmanager
def running_pair() -> Iterator[Pair]:
    """Run a primary with a migrated template, and its standby."""
    with running_postgres() as primary, running_standby(primary) as standby:
        asyncio.run(ensure_migrated(primary.create_database(_TEMPLATE)))
        yield Pair(primary, standby)
