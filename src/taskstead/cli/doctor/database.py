"""The database itself: whether it is whole, durable, migrated, and of the same time."""

from datetime import datetime, timedelta

from taskstead.cli.doctor.findings import Finding
from taskstead.clock import get_now, render_instant
from taskstead.db.database import Database
from taskstead.db.inspection import (
    ServerFacts,
    StandbyFacts,
    find_corruption,
    get_server_facts,
    get_standby_facts,
)
from taskstead.db.migrate import find_revision, get_head
from taskstead.db.opening import open_database
from taskstead.db.postgresql_pooler import check_pooler
from taskstead.db.postgresql_trouble import READ_ONLY, STANDBY, find_trouble
from taskstead.errors import DatabaseUnavailableError, TasksteadError
from taskstead.queries.checks import find_newest_change
from taskstead.settings import Settings
from taskstead.tables.all import TABLE_NAMES

_LEAST_VERSION = 140000
_MAJOR = 10000
# Connections that PostgreSQL keeps for its superusers.
_RESERVED = 3
_FAR_BEHIND = 64 * 2**20
_MENDING = {
    STANDBY: "Name the primary in TASKSTEAD_DATABASE_URL, or promote the standby.",
    READ_ONLY: "Set default_transaction_read_only = off for the role and the database.",
}
_SMALL_DIFFERENCE = timedelta(seconds=5)


async def check_migrations(database: Database, settings: Settings) -> list[Finding]:
    """The tables are those that this version knows."""
    current, head = await find_revision(database, database.dialect), get_head()
    if current == head:
        return [Finding("migrations", "ok", f"The database is at revision {head}.")]
    message = f"The database is at revision {current or 'none'}, this version needs {head}."
    if current is not None and current > head:
        mending = "Install the version of Taskstead that has migrated it, or a newer one."
        return [Finding("migrations", "problem", message, mending)]
    if settings.migrate_on_start:
        mending = "The next start does it; `taskstead db upgrade` does it now."
        return [Finding("migrations", "warning", message, mending)]
    return [Finding("migrations", "problem", message, "Run `taskstead db upgrade`.")]


async def check_integrity(database: Database, settings: Settings) -> list[Finding]:
    """An SQLite file is whole."""
    del settings
    if database.dialect != "sqlite":
        return []
    fault = await find_corruption(database)
    if fault is None:
        return [Finding("integrity", "ok", "The database file is whole.")]
    message = f"The database file is damaged: {' '.join(fault.split())}."
    mending = "Stop the server, keep a copy of the file, and restore the last backup."
    return [Finding("integrity", "problem", message, mending)]


async def check_server(database: Database, settings: Settings) -> list[Finding]:
    """A PostgreSQL server is new enough, durable, and has connections enough."""
    if database.dialect != "postgresql":
        return []
    facts = await get_server_facts(database)
    found = judge_server(facts, settings)
    trouble = await find_trouble(database, TABLE_NAMES)
    if trouble is not None:
        mending = _MENDING.get(trouble, "Grant them to the role in TASKSTEAD_DATABASE_URL.")
        found.append(Finding("postgresql", "problem", trouble, mending))
    version = f"PostgreSQL {facts.version // _MAJOR}"
    return found or [Finding("postgresql", "ok", f"{version} keeps what it has acknowledged.")]


def judge_server(facts: ServerFacts, settings: Settings) -> list[Finding]:
    """Return what is wrong with a PostgreSQL server."""
    found = []
    if facts.version < _LEAST_VERSION:
        message = (
            f"PostgreSQL {facts.version // _MAJOR} is older than what Taskstead is tested with."
        )
        found.append(Finding("postgresql", "warning", message, "Upgrade it to 14 or newer."))
    for name, value in (("fsync", facts.fsync), ("synchronous_commit", facts.synchronous_commit)):
        if value == "off":
            message = f"{name} is off: writes that were acknowledged can be lost."
            mending = f"Set {name} = on in postgresql.conf."
            found.append(Finding("postgresql", "problem", message, mending))
    wanted = settings.workers * settings.database_pool_size
    if wanted > facts.max_connections - _RESERVED:
        message = f"{wanted} connections are wanted, and the server takes {facts.max_connections}."
        mending = "Lower TASKSTEAD_DATABASE_POOL_SIZE, or raise max_connections."
        found.append(Finding("postgresql", "problem", message, mending))
    return found


async def check_pooling(database: Database, settings: Settings) -> list[Finding]:
    """A connection pooler in front of PostgreSQL keeps sessions."""
    if database.dialect != "postgresql":
        return []
    try:
        await check_pooler(settings.effective_database_url)
    except DatabaseUnavailableError as error:
        message = f"The database cannot be used: {error.__cause__}."
        mending = "Set it in the pooler's configuration, or connect to PostgreSQL itself."
        return [Finding("pooler", "problem", message, mending)]
    return []


async def check_replica(database: Database, settings: Settings) -> list[Finding]:
    """The replica answers, is one of this database, and follows it closely."""
    if settings.database_read_url is None:
        return []
    copy = await open_database(
        settings.database_read_url, pool_size=1, wait_seconds=settings.database_wait_seconds
    )
    try:
        # In this order: what it has by then, the database had.
        theirs = await get_standby_facts(copy)
    except TasksteadError:
        message = "The replica cannot be reached: the database itself is read."
        mending = "Start it, or correct TASKSTEAD_DATABASE_READ_URL."
        return [Finding("replica", "problem", message, mending)]
    finally:
        await copy.close()
    return [judge_replica(theirs, await get_standby_facts(database))]


def judge_replica(theirs: StandbyFacts, ours: StandbyFacts) -> Finding:
    """Return what there is to say about a replica, and the database."""
    mending = (
        "Make it anew (docs/how-to/read-replicas.md), or take TASKSTEAD_DATABASE_READ_URL out."
    )
    if not theirs.is_standby:
        message = "What TASKSTEAD_DATABASE_READ_URL names is no standby: it follows nothing."
        return Finding("replica", "problem", message, mending)
    if theirs.cluster != ours.cluster:
        return Finding("replica", "problem", "The replica is one of another database.", mending)
    behind = int(ours.position - theirs.position)
    if behind > _FAR_BEHIND:
        message = f"The replica is {behind / 2**20:,.0f} MiB of log behind: it is of little use."
        mending = "See its own log; pg_stat_replication on the database tells who follows."
        return Finding("replica", "warning", message, mending)
    return Finding("replica", "ok", "The replica follows the database.")


async def check_clock(
    database: Database, settings: Settings, *, now: datetime | None = None
) -> list[Finding]:
    """This machine's clock goes with the database's, and not before the newest change.

    Args:
        database: whose clock, and whose log.
        settings: how far clocks may differ: a lease of a job has to be longer.
        now: the present instant, by this machine.
    """
    newest = await find_newest_change(database)
    here = now or get_now()
    if newest is not None and newest > here + _SMALL_DIFFERENCE:
        message = (
            f"It is {render_instant(here)}, and the newest change is of {render_instant(newest)}."
        )
        mending = "Set the clock of this machine, best by NTP."
        return [Finding("clock", "problem", message, mending)]
    if database.dialect == "postgresql":
        theirs = (await get_server_facts(database)).at
        # It was asked for between the two instants: how long that took is no difference.
        difference = max(here - theirs, theirs - (now or get_now()))
        if difference > _SMALL_DIFFERENCE:
            is_bad = difference.total_seconds() >= settings.job_lease_seconds
            message = f"The database's clock differs by {difference.total_seconds():,.0f} seconds."
            mending = "Set the clocks of both machines, best by NTP."
            return [Finding("clock", "problem" if is_bad else "warning", message, mending)]
    return [Finding("clock", "ok", "The clock goes with the database.")]
