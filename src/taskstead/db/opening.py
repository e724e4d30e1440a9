"""Opening a database: the one place that picks an engine by URL."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from taskstead.db.database import Database
from taskstead.telemetry.statements import Meter

if TYPE_CHECKING:
    from taskstead.db.replica import Replica

# Whoever waited for longer, be it for a connection or a lock, is better served by the database.
_REPLICA_WAIT_SECONDS = 0.25


async def open_database(
    url: str,
    *,
    pool_size: int,
    wait_seconds: float,
    queue_seconds: float = 0.0,
    meter: Meter | None = None,
) -> Database:
    """Open the database that a URL names.

    Args:
        url: as the setting ``database_url`` takes it.
        pool_size: PostgreSQL connections; SQLite has one reader and one writer.
        wait_seconds: how long the queue for a connection or the writer's turn may stand still,
            and the longest wait for a lock.
        queue_seconds: the longest wait in that queue while it moves; never shorter than the other.
        meter: counts what it does; left out, one that nobody looks at.

    Raises:
        DatabaseUnavailableError: the file cannot be opened. A PostgreSQL server need not be
            there yet: its connections are opened by use.
    """
    meter = meter or Meter()
    if url.startswith("sqlite:///"):
        from taskstead.db.sqlite import SqliteDatabase  # noqa: PLC0415 - only the engine in use

        path = get_sqlite_path(url)
        return await SqliteDatabase.open(
            path, wait_seconds=wait_seconds, queue_seconds=queue_seconds, meter=meter
        )
    from taskstead.db.postgresql import PostgresqlDatabase  # noqa: PLC0415 - only the engine in use

    return PostgresqlDatabase(
        url,
        pool_size=pool_size,
        wait_seconds=wait_seconds,
        queue_seconds=queue_seconds,
        meter=meter,
    )


@asynccontextmanager
async def open_replica(
    url: str | None, database: Database, *, pool_size: int
) -> AsyncGenerator["Replica | None"]:
    """Open the copy of a PostgreSQL database that a URL names, until the block ends; None for none.

    Args:
        url: as the setting ``database_read_url`` takes it.
        database: what it is a copy of, whose meter counts for both.
        pool_size: of connections to the copy.
    """
    if url is None:
        yield None
        return
    from taskstead.db.postgresql import PostgresqlDatabase  # noqa: PLC0415 - only the engine in use
    from taskstead.db.replica import Replica  # noqa: PLC0415 - likewise

    # There need not be one yet, either: connections are opened by use.
    copy = PostgresqlDatabase(
        url,
        pool_size=pool_size,
        wait_seconds=_REPLICA_WAIT_SECONDS,
        queue_seconds=0.0,
        meter=database.meter,
        name="replica",
    )
    try:
        yield Replica(copy, database)
    finally:
        await copy.close()


def get_sqlite_path(url: str) -> str:
    """Return the file that an ``sqlite:///`` URL names."""
    return url.removeprefix("sqlite:///")
