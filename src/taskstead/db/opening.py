"""Opening a database: the one place that picks an engine by URL."""

from taskstead.db.database import Database
from taskstead.telemetry.statements import Meter


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


def get_sqlite_path(url: str) -> str:
    """Return the file that an ``sqlite:///`` URL names."""
    return url.removeprefix("sqlite:///")
