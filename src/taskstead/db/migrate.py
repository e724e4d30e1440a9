"""Schema migrations: reads a database's schema revision and runs Alembic to update it.

Only this module and ``rebuilding.py`` use Alembic and SQLAlchemy's engines. They are imported only
when there is something to migrate, so a start of an up-to-date server costs one query.
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

# An arbitrary number that no other advisory lock in the database may have.
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
    """The database cannot be migrated to the required revision. The message says why."""


def get_head() -> str:
    """Return the newest revision: the highest four-digit number among the migrations."""
    versions = resources.files("taskstead") / "migrations" / "versions"
    names = [entry.name for entry in versions.iterdir() if entry.name[:4].isdigit()]
    return max(names)[:4]


async def find_revision(database: Reader, dialect: str) -> str | None:
    """Return the schema revision of the database, or None if it has no tables."""
    found = await database.fetch_one(_FIND_TABLE[dialect], {})
    if found is None or found["name"] is None:
        return None
    row = await database.fetch_one(_GET_REVISION, {})
    return None if row is None else str(row["version_num"])


async def find_revision_at(url: str) -> str | None:
    """Open the database, read its revision (see :func:`find_revision`) and close it."""
    database = await open_database(url, pool_size=1, wait_seconds=5)
    try:
        return await find_revision(database, database.dialect)
    finally:
        await database.close()


async def ensure_migrated(url: str) -> bool:
    """Migrate the database to the newest revision; return whether there was anything to do.

    A lock ensures that only one process migrates at a time.

    Raises:
        MigrationError: the database is newer than this program, or a migration failed.
        DatabaseUnavailableError: the database cannot be reached, or the connection pooler in front
            of it is not in session mode.
    """
    if await _is_at_head(url):
        return False
    # In a thread: Alembic is synchronous, and the PostgreSQL migration runs its own event loop.
    await asyncio.to_thread(_upgrade, url)
    return True


async def check_migrated(url: str) -> None:
    """Check that the database is at the newest revision, without changing it.

    Raises:
        MigrationError: it is at another revision.
        DatabaseUnavailableError: the database cannot be reached.
    """
    if not await _is_at_head(url):
        raise MigrationError(
            f"The database is not at revision {get_head()}, which this version of Taskstead "
            "requires. Run `taskstead db upgrade`."
        )


async def _is_at_head(url: str) -> bool:
    if not url.startswith("sqlite:///"):
        from taskstead.db.postgresql_pooler import check_pooler  # noqa: PLC0415 - only if in use

        await check_pooler(url)
    current = await find_revision_at(url)
    if current is not None and current > get_head():
        raise MigrationError(
            f"The database is at revision {current}, which is newer than {get_head()}, the newest "
            "revision that this version of Taskstead supports. Install the newer version."
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
    """Translate errors of SQLAlchemy and Alembic in the block.

    Raises:
        MigrationError: the database or Alembic reported an error.
        DatabaseDamagedError: the SQLite file is damaged.
    """
    from alembic.util import CommandError  # noqa: PLC0415 - see the module's docstring
    from sqlalchemy.exc import DBAPIError, SQLAlchemyError  # noqa: PLC0415

    from taskstead.db.sqlite_connection import find_damage  # noqa: PLC0415

    try:
        yield
    except (SQLAlchemyError, CommandError) as error:
        # Only the database's own message: SQLAlchemy's also has the statement and its parameters.
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
    """Create an engine with exclusive transactions that do not enforce foreign keys."""
    from sqlalchemy import create_engine, event  # noqa: PLC0415 - see the module's docstring
    from sqlalchemy.pool import NullPool  # noqa: PLC0415

    from taskstead.db.sqlite_connection import connect_sqlite  # noqa: PLC0415

    def connect_for_changes() -> "sqlite3.Connection":
        # A migration may drop a table to rebuild it. With foreign keys enabled, that would delete
        # the rows that refer to it (sqlite.org/lang_altertable, section 7). check_foreign_keys()
        # checks them before the COMMIT instead.
        connection = connect_sqlite(path)
        connection.execute("PRAGMA foreign_keys = OFF")
        return connection

    engine = create_engine("sqlite://", creator=connect_for_changes, poolclass=NullPool)

    @event.listens_for(engine, "begin")
    def begin_immediate(connection: "Connection") -> None:
        # Acquires the write lock. A second process waits here, then finds nothing to do.
        connection.exec_driver_sql("PRAGMA busy_timeout = 60000")
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def check_foreign_keys(connection: "Connection") -> None:
    """Check the foreign keys of an SQLite database, for :func:`make_sqlite_engine`.

    Raises:
        MigrationError: a row refers to a missing row.
    """
    wrong = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if wrong is not None:
        raise MigrationError(
            f"A row of the table {wrong[0]} refers to a missing row of {wrong[2]}. "
            "Nothing was changed."
        )


async def _upgrade_postgresql(url: str) -> None:
    engine = make_postgresql_engine(url)
    async with engine.begin() as connection:
        await lock_postgresql(connection)
        await connection.run_sync(run_migrations)
    await engine.dispose()


def make_postgresql_engine(url: str) -> "AsyncEngine":
    """Create an engine for one transaction."""
    from sqlalchemy.ext.asyncio import create_async_engine  # noqa: PLC0415
    from sqlalchemy.pool import NullPool  # noqa: PLC0415

    from taskstead.db.postgresql_connection import Connector  # noqa: PLC0415

    # asyncpg parses the URL, because SQLAlchemy supports only some of its parameters.
    connector = Connector(url, lock_seconds=0)
    return create_async_engine(
        "postgresql+asyncpg://", async_creator=connector.connect_plainly, poolclass=NullPool
    )


async def lock_postgresql(connection: "AsyncConnection") -> None:
    """Wait for the migration lock, which one process at a time can hold."""
    await connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})")
    # A migration that waits for a table lock blocks all later queries on the table, so its wait is
    # limited.
    await connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_LOCK_TIMEOUT}'")


def run_migrations(connection: "Connection", revision: str = "head") -> None:
    """Run the migrations up to a revision."""
    from alembic import command  # noqa: PLC0415 - see the module's docstring
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", "taskstead:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
