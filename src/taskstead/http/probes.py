"""The health probes of the database, the read replica and Redis.

The health checks in ``faces/api/system/health.py`` use them.
"""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from taskstead.clock import Clock
from taskstead.config.settings import Settings
from taskstead.db.database import Database, Replica
from taskstead.db.health import open_database_health
from taskstead.db.probe import Probe
from taskstead.errors import DatabaseUnavailableError
from taskstead.ratelimit.storage import Counters
from taskstead.tables.all import TABLE_NAMES


@dataclass(frozen=True, slots=True)
class Probes:
    """The probes that health checks use; None for a service that is not configured."""

    database: Probe
    replica: Probe | None
    redis: Probe | None


@asynccontextmanager
async def open_probes(
    settings: Settings,
    database: Database,
    replica: Replica | None,
    counters: Counters,
    clock: Clock,
) -> AsyncGenerator[Probes]:
    """Open the probes for the duration of the block."""
    async with AsyncExitStack() as stack:

        def register(probe: Probe) -> Probe:
            stack.push_async_callback(probe.close)
            return probe

        yield Probes(
            register(_make_database_probe(settings, database, clock)),
            (
                register(_make_replica_probe(settings, replica, clock))
                if replica is not None
                else None
            ),
            (
                register(_make_redis_probe(counters, clock))
                if settings.redis_url is not None
                else None
            ),
        )


def _make_database_probe(settings: Settings, database: Database, clock: Clock) -> Probe:
    health = open_database_health(
        settings.effective_database_url,
        written=TABLE_NAMES,
        wait_seconds=settings.database_wait_seconds,
    )

    async def check() -> str | None:
        # The probe also checks that the database is writable. If it succeeds, a recorded outage of
        # writes has ended.
        with database.outages.recording_failures(is_write=True):
            database.check_files()
            return await health.fetch_revision()

    return Probe(check, name="database", clock=clock, close=health.close)


def _make_replica_probe(settings: Settings, replica: Replica, clock: Clock) -> Probe:
    health = open_database_health(
        settings.database_read_url or "", wait_seconds=settings.database_wait_seconds
    )

    async def check() -> str | None:
        if replica.is_paused:
            raise DatabaseUnavailableError("The replica has failed and is not used.")
        return await health.fetch_revision()

    return Probe(check, name="replica", clock=clock, trust_seconds=0, close=health.close)


def _make_redis_probe(counters: Counters, clock: Clock) -> Probe:
    async def check() -> None:
        if not await counters.is_available():
            raise DatabaseUnavailableError("Redis does not respond.")

    return Probe(check, name="Redis server", clock=clock, trust_seconds=0)
