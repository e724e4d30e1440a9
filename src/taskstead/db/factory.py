"""Factories that open a database or a read replica. The URL determines the database engine."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from taskstead.db.database import Database, Replica
from taskstead.observability.query_stats import Meter

# Stall timeout for connections to the replica. It is short, because a read that would wait longer
# is faster on the primary database.
_REPLICA_WAIT_SECONDS = 0.25


async def open_database(
    url: str,
    *,
    pool_size: int,
    wait_seconds: float,
    queue_seconds: float = 0.0,
    meter: Meter | None = None,
) -> Database:
    """Open a database.

    Args:
        url: in the format of the setting ``database_url``.
        pool_size: maximum number of PostgreSQL connections. SQLite ignores it.
        wait_seconds: stall timeout of the queue for a connection or the write lock, and the lock
            timeout; see ``acquire_timeout.py``.
        queue_seconds: maximum wait in that queue while it makes progress; at least
            ``wait_seconds``.
        meter: the statistics to update. The default is a new object.

    Raises:
        DatabaseUnavailableError: the SQLite file cannot be opened. An unreachable PostgreSQL
            server causes no error here, because connections are opened at first use.
    """
    meter = meter or Meter()
    if url.startswith("sqlite:///"):
        from taskstead.db.sqlite.database import SqliteDatabase  # noqa: PLC0415 - only the engine in use

        path = get_sqlite_path(url)
        return await SqliteDatabase.open(
            path, wait_seconds=wait_seconds, queue_seconds=queue_seconds, meter=meter
        )
    from taskstead.db.postgresql.database import PostgresqlDatabase  # noqa: PLC0415 - only the engine in use

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
) -> AsyncGenerator[Replica | None]:
    """Open a read replica for the duration of the block; None if there is no URL.

    Args:
        url: in the format of the setting ``database_read_url``.
        database: the primary database. Its meter counts the statements of both.
        pool_size: maximum number of connections to the replica.
    """
    if url is None:
        yield None
        return
    from taskstead.db.postgresql.database import PostgresqlDatabase  # noqa: PLC0415 - only the engine in use
    from taskstead.db.postgresql.replica import PostgresqlReplica  # noqa: PLC0415 - likewise

    # The replica may be unreachable now: connections are opened at first use.
    copy = PostgresqlDatabase(
        url,
        pool_size=pool_size,
        wait_seconds=_REPLICA_WAIT_SECONDS,
        queue_seconds=0.0,
        meter=database.meter,
        name="replica",
    )
    try:
        yield PostgresqlReplica(copy, database)
    finally:
        await copy.close()


def get_sqlite_path(url: str) -> str:
    """Return the file path in an ``sqlite:///`` URL."""
    return url.removeprefix("sqlite:///")
