"""What a database tells about itself: is its file whole, is it durable, what time is it.

For whoever looks for what is wrong; nothing that serves a request needs it.
"""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import BigInteger, Boolean, Integer, Numeric, column, text
from sqlalchemy.types import Text

from taskstead.db.database import LongReader, Reader
from taskstead.db.types import Instant

_QUICK_CHECK = text("PRAGMA quick_check(1)").columns(column("quick_check", Text))
_SERVER_FACTS = text(
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
)
_STANDBY_FACTS = text(
    "SELECT (SELECT system_identifier FROM pg_control_system()) AS cluster, "
    "pg_is_in_recovery() AS is_standby, "
    "CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END "
    "- '0/0' AS position"
).columns(
    column("cluster", BigInteger),
    column("is_standby", Boolean),
    column("position", Numeric),
)


class ServerFacts(NamedTuple):
    """What a PostgreSQL server says.

    Attributes:
        version: as PostgreSQL numbers itself: 150004 is 15.4.
        fsync: ``on`` or ``off``.
        synchronous_commit: of this database: ``on``, ``off``, ``local``, ….
        max_connections: how many it takes, from everybody.
        at: its clock.
    """

    version: int
    fsync: str
    synchronous_commit: str
    max_connections: int
    at: datetime


class StandbyFacts(NamedTuple):
    """Where a PostgreSQL server stands among copies of itself.

    Attributes:
        cluster: the same for a database and all its copies.
        is_standby: it follows another.
        position: bytes of the log it has written, or has from the other.
    """

    cluster: int
    is_standby: bool
    position: int


async def find_corruption(reader: LongReader) -> str | None:
    """Return the first thing that is wrong with an SQLite file; None for one that is whole."""
    rows = await reader.fetch_all(_QUICK_CHECK, {}, is_long=True)
    first = str(rows[0]["quick_check"]) if rows else "ok"
    return None if first == "ok" else first


async def get_server_facts(reader: Reader) -> ServerFacts:
    """Return what a PostgreSQL server says about itself."""
    row = await reader.fetch_one(_SERVER_FACTS, {})
    return ServerFacts(**(row or {}))


async def get_standby_facts(reader: Reader) -> StandbyFacts:
    """Return where a PostgreSQL server stands among copies of itself."""
    row = await reader.fetch_one(_STANDBY_FACTS, {})
    return StandbyFacts(**(row or {}))
