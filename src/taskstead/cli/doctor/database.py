"""Checks of the database: integrity, durability, schema revision, replica and clock."""

from datetime import datetime, timedelta

from taskstead.cli.doctor.findings import Finding
from taskstead.clock import get_now, render_instant
from taskstead.config.settings import Settings
from taskstead.db.database import Database
from taskstead.db.diagnostics import (
    ServerFacts,
    StandbyFacts,
    find_corruption,
    get_server_facts,
    get_standby_facts,
)
from taskstead.db.factory import open_database
from taskstead.db.migrate import get_head
from taskstead.db.postgresql.errors import READ_ONLY, STANDBY, find_write_obstacle
from taskstead.db.postgresql.pooler import check_pooler
from taskstead.db.schema_revision import find_revision
from taskstead.errors import DatabaseUnavailableError, TasksteadError
from taskstead.queries.system.checks import find_newest_change
from taskstead.tables.all import TABLE_NAMES

# PostgreSQL's version number is 10,000 times the major version plus the minor version.
_MIN_VERSION = 140000
_MAJOR = 10000
# Connections that PostgreSQL reserves for superusers by default.
_RESERVED_CONNECTIONS = 3
_MAX_LAG_BYTES = 64 * 2**20
_FIXES = {
    STANDBY: "Set TASKSTEAD_DATABASE_URL to the primary, or promote the standby.",
    READ_ONLY: "Set default_transaction_read_only = off for the role and the database.",
}
# Smaller differences between clocks are not reported.
_SMALL_DIFFERENCE = timedelta(seconds=5)


async def check_migrations(database: Database, settings: Settings) -> list[Finding]:
    """Check that the database has the schema revision that this version requires."""
    current, head = await find_revision(database, database.dialect), get_head()
    if current == head:
        return [Finding("migrations", "ok", f"The database is at revision {head}.")]
    message = f"The database is at revision {current or 'none'}; this version requires {head}."
    if current is not None and current > head:
        fix = "Install the newer version of Taskstead that migrated the database."
        return [Finding("migrations", "problem", message, fix)]
    if settings.migrate_on_start:
        fix = "Start the server to migrate it, or run `taskstead db upgrade`."
        return [Finding("migrations", "warning", message, fix)]
    return [Finding("migrations", "problem", message, "Run `taskstead db upgrade`.")]


async def check_integrity(database: Database, settings: Settings) -> list[Finding]:
    """Check the integrity of an SQLite file."""
    del settings
    if database.dialect != "sqlite":
        return []
    fault = await find_corruption(database)
    if fault is None:
        return [Finding("integrity", "ok", "The database file is intact.")]
    message = f"The database file is damaged: {' '.join(fault.split())}."
    fix = "Stop the server, keep a copy of the file, and restore the newest backup."
    return [Finding("integrity", "problem", message, fix)]


async def check_server(database: Database, settings: Settings) -> list[Finding]:
    """Check the version, durability, connections and privileges of a PostgreSQL server."""
    if database.dialect != "postgresql":
        return []
    facts = await get_server_facts(database)
    found = judge_server(facts, settings)
    obstacle = await find_write_obstacle(database, TABLE_NAMES)
    if obstacle is not None:
        fix = _FIXES.get(obstacle, "Grant the privileges to the role in TASKSTEAD_DATABASE_URL.")
        found.append(Finding("postgresql", "problem", obstacle, fix))
    version = f"PostgreSQL {facts['version'] // _MAJOR}"
    return found or [Finding("postgresql", "ok", f"{version} is durable and accepts writes.")]


def judge_server(facts: ServerFacts, settings: Settings) -> list[Finding]:
    """Return the problems with the version, durability and connections of a PostgreSQL server."""
    found = []
    major = facts["version"] // _MAJOR
    if facts["version"] < _MIN_VERSION:
        message = f"Taskstead is not tested with PostgreSQL {major}, which is too old."
        found.append(Finding("postgresql", "warning", message, "Upgrade it to 14 or newer."))
    for name, value in (
        ("fsync", facts["fsync"]),
        ("synchronous_commit", facts["synchronous_commit"]),
    ):
        if value == "off":
            message = f"{name} is off: committed writes can be lost."
            fix = f"Set {name} = on in postgresql.conf."
            found.append(Finding("postgresql", "problem", message, fix))
    needed = settings.workers * settings.database_pool_size
    if needed > facts["max_connections"] - _RESERVED_CONNECTIONS:
        allowed = facts["max_connections"]
        message = f"Taskstead uses up to {needed} connections; PostgreSQL allows {allowed}."
        fix = "Lower TASKSTEAD_DATABASE_POOL_SIZE, or raise max_connections."
        found.append(Finding("postgresql", "problem", message, fix))
    return found


async def check_pooling(database: Database, settings: Settings) -> list[Finding]:
    """Check that a connection pooler in front of PostgreSQL is in session mode."""
    if database.dialect != "postgresql":
        return []
    try:
        await check_pooler(settings.effective_database_url)
    except DatabaseUnavailableError as error:
        message = f"The database cannot be used: {error.__cause__}."
        fix = "Change the pooler's configuration, or connect to PostgreSQL directly."
        return [Finding("pooler", "problem", message, fix)]
    return []


async def check_replica(database: Database, settings: Settings) -> list[Finding]:
    """Check that the replica is reachable, is a standby of the database and is not far behind."""
    if settings.database_read_url is None:
        return []
    replica = await open_database(
        settings.database_read_url, pool_size=1, wait_seconds=settings.database_wait_seconds
    )
    try:
        # Read the replica's position first, so that the primary cannot appear to be behind it.
        replica_facts = await get_standby_facts(replica)
    except TasksteadError:
        message = "The replica cannot be reached. The primary database serves all reads."
        fix = "Start the replica, or correct TASKSTEAD_DATABASE_READ_URL."
        return [Finding("replica", "problem", message, fix)]
    finally:
        await replica.close()
    return [judge_replica(replica_facts, await get_standby_facts(database))]


def judge_replica(replica: StandbyFacts, primary: StandbyFacts) -> Finding:
    """Return the finding about the replication state of the replica and the primary."""
    fix = (
        "Create the replica again (docs/how-to/read-replicas.md), or unset "
        "TASKSTEAD_DATABASE_READ_URL."
    )
    if not replica["is_standby"]:
        message = "TASKSTEAD_DATABASE_READ_URL is not the URL of a standby."
        return Finding("replica", "problem", message, fix)
    if replica["cluster"] != primary["cluster"]:
        return Finding("replica", "problem", "The replica is a standby of another database.", fix)
    behind = primary["position"] - replica["position"]
    if behind > _MAX_LAG_BYTES:
        message = f"The replica is {behind / 2**20:,.0f} MiB of WAL behind the primary."
        fix = "See the replica's log, and pg_stat_replication on the primary."
        return Finding("replica", "warning", message, fix)
    return Finding("replica", "ok", "The replica is up to date with the primary.")


async def check_clock(
    database: Database, settings: Settings, *, now: datetime | None = None
) -> list[Finding]:
    """Check that this clock agrees with the database server's and is not behind the newest change.

    Args:
        database: the database.
        settings: the server's settings. A difference as long as the lease of a job is a problem,
            because workers could run the same job.
        now: the current time of this machine, for tests.
    """
    newest = await find_newest_change(database)
    local = now or get_now()
    if newest is not None and newest > local + _SMALL_DIFFERENCE:
        message = (
            f"The clock shows {render_instant(local)}, which is before the newest change, "
            f"{render_instant(newest)}."
        )
        fix = "Set the clock of this machine, preferably with NTP."
        return [Finding("clock", "problem", message, fix)]
    if database.dialect == "postgresql":
        remote = (await get_server_facts(database))["at"]
        # The local time is read before and after the query, so that the duration of the query does
        # not count as a difference.
        difference = max(local - remote, remote - (now or get_now()))
        if difference > _SMALL_DIFFERENCE:
            is_bad = difference.total_seconds() >= settings.job_lease_seconds
            message = f"The database's clock differs by {difference.total_seconds():,.0f} seconds."
            fix = "Set the clocks of both machines, preferably with NTP."
            return [Finding("clock", "problem" if is_bad else "warning", message, fix)]
    return [Finding("clock", "ok", "The clock agrees with the database.")]
