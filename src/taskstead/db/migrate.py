"""Bringing a database up to date: which revision it has, which one we need, and the way there.

Alembic and SQLAlchemy's own engine are used here and nowhere else, and are imported only when
there is something to migrate: a start with nothing to do costs one read.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from typing import TYPE_CHECKING

from sqlalchemy import Select, column, func, select, table
from sqlalchemy.types import Text

from taskstead.db.database import Reader
from taskstead.db.opening import get_sqlite_path, open_database
from taskstead.errors import DatabaseDamagedError

if TYPE_CHECKING:
    import sqlite3

    from sqlalchemy import Connection, Engine
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

# Any number will do, as long as nothing else in the database uses it for an advisory lock.
_ADVISORY_LOCK = 8_245_921_732
_LOCK_TIMEOUT = "10s"

_FIND_TABLE = {
    "sqlite": select(column("name"))
    .select_from(table("sqlite_schema", column("name")))
    .where(column("name") == "alembic_version"),
    "postgresql": select(func.to_regclass("alembic_version").cast(Text).label("name")),
}
_GET_REVISION: Select[tuple[str]] = select(column("version_num")).select_from(
    table("alembic_version")
)


class MigrationError(Exception):
    """The database cannot be brought to the revision that is needed; the message says why."""


def get_head() -> str:
    """Return the newest revision: migrations are named by ascending four-digit numbers."""
    versions = resources.files("taskstead") / "migrations" / "versions"
    names = [entry.name for entry in versions.iterdir() if entry.name[:4].isdigit()]
    return max(names)[:4]


async def find_revision(database: Reader, dialect: str) -> str | None:
    """Return the revision that the database is at, or None for one without tables."""
    found = await database.fetch_one(_FIND_TABLE[dialect], {})
    if found is None or found["name"] is None:
        return None
    row = await database.fetch_one(_GET_REVISION, {})
    return None if row is None else str(row["version_num"])


async def find_revision_at(url: str) -> str | None:
    """Open the database for a moment and return its revision; see :func:`find_revision`."""
    database = await open_database(url, pool_size=1, wait_seconds=5)
    try:
        return await find_revision(database, database.dialect)
    finally:
        await database.close()


async def ensure_migrated(url: str) -> bool:
    """Bring the database to the head, one process at a time; return whether there was need.

    Raises:
        MigrationError: the database is newer than this program, or a migration failed.
        DatabaseUnavailableError: it cannot be reached, or not through the pooler in between.
    """
    if await _is_at_head(url):
        return False
    # A thread, because Alembic is synchronous and its PostgreSQL way runs an event loop of its own.
    await asyncio.to_thread(_upgrade, url)
    return True


async def check_migrated(url: str) -> None:
    """Make sure that the database is at the head, without changing it.

    Raises:
        MigrationError: it is not; the message says what to do.
        DatabaseUnavailableError: it cannot be reached.
    """
    if not await _is_at_head(url):
        raise MigrationError(
            f"The database is not at revision {get_head()}, which this version of Taskstead "
            "needs; `taskstead db upgrade` brings it there."
        )


async def _is_at_head(url: str) -> bool:
    if not url.startswith("sqlite:///"):
        from taskstead.db.postgresql_pooler import check_pooler  # noqa: PLC0415 - only if in use

        await check_pooler(url)
    current = await find_revision_at(url)
    if current is not None and current > get_head():
        raise MigrationError(
            f"The database is at revision {current}, this version of Taskstead knows them up to "
            f"{get_head()}: it was migrated by a newer version. Install that one."
        )
    return current == get_head()


def _upgrade(url: str) -> None:
    with translated_migration_errors("migration"):
        if url.startswith("sqlite:///"):
            _upgrade_sqlite(get_sqlite_path(url))
        else:
            asyncio.run(_upgrade_postgresql(url))


@contextmanager
def translated_migration_errors(what: str) -> Iterator[None]:
    """Turn what goes wrong on a connection for migrations into a sentence.

    Raises:
        MigrationError: instead of what SQLAlchemy and Alembic have raised inside.
        DatabaseDamagedError: instead of an error that says that an SQLite file is damaged.
    """
    from alembic.util import CommandError  # noqa: PLC0415 - see the module's docstring
    from sqlalchemy.exc import DBAPIError, SQLAlchemyError  # noqa: PLC0415

    from taskstead.db.sqlite_connection import find_damage  # noqa: PLC0415

    try:
        yield
    except (SQLAlchemyError, CommandError) as error:
        # Of a database's error only what the database said, without the statement and the values.
        said = error.orig if isinstance(error, DBAPIError) else error
        if damage := find_damage(said):
            raise DatabaseDamagedError(damage) from error
        reason = str(said).partition("\n")[0]
        raise MigrationError(f"The {what} failed and was rolled back: {reason}") from error


def _upgrade_sqlite(path: str) -> None:
    engine = make_sqlite_engine(path)
    with engine.begin() as connection:
        run_migrations(connection)
        check_foreign_keys(connection)
    engine.dispose()


def make_sqlite_engine(path: str) -> "Engine":
    """Make an engine whose transactions have the database to themselves, foreign keys unchecked."""
    from sqlalchemy import create_engine, event  # noqa: PLC0415 - see the module's docstring
    from sqlalchemy.pool import NullPool  # noqa: PLC0415

    from taskstead.db.sqlite_connection import connect_sqlite  # noqa: PLC0415

    def connect_for_changes() -> "sqlite3.Connection":
        # With foreign keys on, to drop a table so as to build it anew deletes what depends on its
        # rows (sqlite.org/lang_altertable, section 7). They are checked before the COMMIT instead.
        connection = connect_sqlite(path)
        connection.execute("PRAGMA foreign_keys = OFF")
        return connection

    engine = create_engine("sqlite://", creator=connect_for_changes, poolclass=NullPool)

    @event.listens_for(engine, "begin")
    def begin_immediate(connection: "Connection") -> None:
        # The lock: a second process waits here, then finds nothing left to do.
        connection.exec_driver_sql("PRAGMA busy_timeout = 60000")
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def check_foreign_keys(connection: "Connection") -> None:
    """Check on SQLite what was not checked while a transaction of :func:`make_sqlite_engine` ran.

    Raises:
        MigrationError: a row leads to none.
    """
    wrong = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if wrong is not None:
        raise MigrationError(
            f"A row of the table {wrong[0]} leads to none of {wrong[2]}; nothing was done."
        )


async def _upgrade_postgresql(url: str) -> None:
    engine = make_postgresql_engine(url)
    async with engine.begin() as connection:
        await lock_postgresql(connection)
        await connection.run_sync(run_migrations)
    await engine.dispose()


def make_postgresql_engine(url: str) -> "AsyncEngine":
    """Make an engine for one transaction."""
    from sqlalchemy.ext.asyncio import create_async_engine  # noqa: PLC0415
    from sqlalchemy.pool import NullPool  # noqa: PLC0415

    from taskstead.db.postgresql_connection import Connector  # noqa: PLC0415

    # asyncpg reads the URL here as it does elsewhere; SQLAlchemy knows few of its parameters.
    connector = Connector(url, lock_seconds=0)
    return create_async_engine(
        "postgresql+asyncpg://", async_creator=connector.connect_plainly, poolclass=NullPool
    )


async def lock_postgresql(connection: "AsyncConnection") -> None:
    """Wait until no other process changes tables."""
    await connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})")
    # From here on a migration that cannot get a table's lock gives up instead of making every
    # other query queue behind it.
    await connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_LOCK_TIMEOUT}'")


def run_migrations(connection: "Connection", revision: str = "head") -> None:
    """Run those that lead to a revision."""
    from alembic import command  # noqa: PLC0415 - see the module's docstring
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", "taskstead:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
