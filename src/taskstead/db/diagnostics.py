"""Diagnostics of a database: integrity of its file, durability settings, clock and replication.

Only the command ``taskstead doctor`` uses them.
"""

from datetime import datetime
from typing import TypedDict

from sqlalchemy import BigInteger, Boolean, Integer, column, text
from sqlalchemy.types import Text

from taskstead.db.database import LongReader, Reader
from taskstead.db.sql.query import Query
from taskstead.db.sql.types import Instant


class QuickCheckRow(TypedDict):
    """A message of SQLite's integrity check: ``ok`` or an error."""

    quick_check: str


class ServerFacts(TypedDict):
    """Version, durability settings and clock of a PostgreSQL server.

    Attributes:
        version: PostgreSQL's version number, such as 150004 for 15.4.
        fsync: ``on`` or ``off``.
        synchronous_commit: the setting in this database: ``on``, ``off``, ``local``, ….
        max_connections: maximum number of connections of all clients.
        at: the server's current time.
    """

    version: int
    fsync: str
    synchronous_commit: str
    max_connections: int
    at: datetime


class StandbyFacts(TypedDict):
    """Replication state of a PostgreSQL server.

    Attributes:
        cluster: the system identifier. A primary and all its standbys have the same one.
        is_standby: whether the server is a standby.
        position: the WAL position in bytes up to which the primary has written or the standby has
            replayed.
    """

    cluster: int
    is_standby: bool
    position: int


_QUICK_CHECK = Query(
    QuickCheckRow, text("PRAGMA quick_check(1)").columns(column("quick_check", Text))
)
_SERVER_FACTS = Query(
    ServerFacts,
    text(
        "SELECT CAST(current_setting('server_version_num') AS integer) AS version, "
        "current_setting('fsync') AS fsync, "
        "current_setting('synchronous_commit') AS synchronous_commit, "
        "CAST(current_setting('max_connections') AS integer) AS max_connections, "
        "clock_timestamp() AS at"
    ).columns(
        column("version", Integer),
        column("fsync", Text),
        column("synchronous_commit", Text),
        column("max_connections", Integer),
        column("at", Instant),
    ),
)
_STANDBY_FACTS = Query(
    StandbyFacts,
    text(
        "SELECT (SELECT system_identifier FROM pg_control_system()) AS cluster, "
        "pg_is_in_recovery() AS is_standby, "
        "CAST(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() "
        "ELSE pg_current_wal_lsn() END - '0/0' AS bigint) AS position"
    ).columns(
        column("cluster", BigInteger),
        column("is_standby", Boolean),
        column("position", BigInteger),
    ),
)


async def find_corruption(reader: LongReader) -> str | None:
    """Return the first integrity error of an SQLite file; None if the file is intact."""
    rows = await reader.fetch_all(_QUICK_CHECK, {}, is_long=True)
    first = rows[0]["quick_check"] if rows else "ok"
    return None if first == "ok" else first


async def get_server_facts(reader: Reader) -> ServerFacts:
    """Return the version, durability settings and clock of a PostgreSQL server."""
    (facts,) = await reader.fetch_all(_SERVER_FACTS, {})
    return facts


async def get_standby_facts(reader: Reader) -> StandbyFacts:
    """Return the replication state of a PostgreSQL server."""
    (facts,) = await reader.fetch_all(_STANDBY_FACTS, {})
    return facts
