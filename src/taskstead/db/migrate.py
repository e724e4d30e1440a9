"""Schema migrations: reads a database's schema revision and runs Alembic to update it.

Only this module and ``bulk_load.py`` use Alembic and SQLAlchemy's engines. They import them only
if the schema must be migrated, because loading them is slow. If the schema is current, the server
needs only one query at its start.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from typing import TYPE_CHECKING

from taskstead.db.factory import get_sqlite_path, open_database
from taskstead.db.schema_revision import find_revision
from taskstead.errors import DatabaseDamagedError

if TYPE_CHECKING:
    import sqlite3

    from sqlalchemy import Connection, Engine
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

# The key of the advisory lock for migrations: an arbitrary number that no other lock uses.
_ADVISORY_LOCK = 8_245_921_732
# Maximum wait of a migration for a table lock.
_LOCK_TIMEOUT = "10s"


class MigrationError(Exception):
    """The database cannot be migrated to the required revision. The message states the reason."""


def get_head() -> str:
    """Return the newest schema revision: the highest four-digit number of a migration file."""
    versions = resources.files("taskstead") / "migrations" / "versions"
    names = [entry.name for entry in versions.iterdir() if entry.name[:4].isdigit()]
    return max(names)[:4]


async def find_revision_at(url: str) -> str | None:
    """Open a database and return its schema revision; None if it has no tables."""
    database = await open_database(url, pool_size=1, wait_seconds=5)
    try:
        return await find_revision(database, database.dialect)
    finally:
        await database.close()


async def ensure_migrated(url: str) -> bool:
    """Migrate the database to the newest revision; return whether a migration was necessary.

    A lock ensures that only one process migrates at a time.

    Raises:
        MigrationError: the database is newer than this program, or a migration failed.
        DatabaseUnavailableError: the database cannot be reached, or the connection pooler in front
            of it is not in session mode.
    """
    if await _is_at_head(url):
        return False
    # In a thread, because Alembic is synchronous and the PostgreSQL migration runs its own event
    # loop.
    await asyncio.to_thread(_upgrade, url)
    return True


async def check_migrated(url: str) -> None:
    """Check that the database is at the newest revision, without changing it.

    Raises:
        MigrationError: the database is at another revision.
        DatabaseUnavailableError: the database cannot be reached.
    """
    if not await _is_at_head(url):
        raise MigrationError(
            f"The database is not at revision {get_head()}, which this version of Taskstead "
            "requires. Run `taskstead db upgrade`."
        )


async def _is_at_head(url: str) -> bool:
    if not url.startswith("sqlite:///"):
        from taskstead.db.postgresql.pooler import check_pooler  # noqa: PLC0415 - only if in use

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
def translated_migration_errors(operation: str) -> Iterator[None]:
    """Translate errors that SQLAlchemy and Alembic raise in the block.

    Args:
        operation: the name of the operation, for the message.

    Raises:
        MigrationError: the database or Alembic reported an error.
        DatabaseDamagedError: the SQLite file is damaged.
    """
    from alembic.util import CommandError  # noqa: PLC0415 - see the module's docstring
    from sqlalchemy.exc import DBAPIError, SQLAlchemyError  # noqa: PLC0415

    from taskstead.db.sqlite.connection import find_damage  # noqa: PLC0415

    try:
        yield
    except (SQLAlchemyError, CommandError) as error:
        # Use the database's own message, because SQLAlchemy's message also contains the statement
        # and its parameters, which may be user data.
        original = error.orig if isinstance(error, DBAPIError) else error
        if damage := find_damage(original):
            raise DatabaseDamagedError(damage) from error
        reason = str(original).partition("\n")[0]
        raise MigrationError(f"The {operation} failed and was rolled back: {reason}") from error


def _upgrade_sqlite(path: str) -> None:
    engine = make_sqlite_engine(path)
    with engine.begin() as connection:
        run_migrations(connection)
        check_foreign_keys(connection)
    engine.dispose()


def make_sqlite_engine(path: str) -> "Engine":
    """Create an engine whose transactions hold the write lock and do not enforce foreign keys."""
    from sqlalchemy import create_engine, event  # noqa: PLC0415 - see the module's docstring
    from sqlalchemy.pool import NullPool  # noqa: PLC0415

    from taskstead.db.sqlite.connection import connect_sqlite  # noqa: PLC0415

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
        # Acquire the write lock at once. A second process that starts at the same time waits here.
        # When it gets the lock, the schema is current.
        connection.exec_driver_sql("PRAGMA busy_timeout = 60000")
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def check_foreign_keys(connection: "Connection") -> None:
    """Check all foreign keys of an SQLite database.

    It is called before the COMMIT, because :func:`make_sqlite_engine` does not enforce foreign
    keys.

    Raises:
        MigrationError: a row refers to a missing row.
    """
    violation = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if violation is not None:
        raise MigrationError(
            f"A row of the table {violation[0]} refers to a missing row of {violation[2]}. "
            "Nothing was changed."
        )


async def _upgrade_postgresql(url: str) -> None:
    engine = make_postgresql_engine(url)
    async with engine.begin() as connection:
        await lock_postgresql(connection)
        await connection.run_sync(run_migrations)
    await engine.dispose()


def make_postgresql_engine(url: str) -> "AsyncEngine":
    """Create an engine without a connection pool, for one transaction."""
    from sqlalchemy.ext.asyncio import create_async_engine  # noqa: PLC0415
    from sqlalchemy.pool import NullPool  # noqa: PLC0415

    from taskstead.db.postgresql.connection import Connector  # noqa: PLC0415

    # asyncpg parses the URL, because SQLAlchemy supports only some of its parameters.
    connector = Connector(url, lock_seconds=0)
    return create_async_engine(
        "postgresql+asyncpg://", async_creator=connector.connect_plainly, poolclass=NullPool
    )


async def lock_postgresql(connection: "AsyncConnection") -> None:
    """Acquire the migration lock, so that only one process migrates at a time."""
    await connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})")
    # While a migration waits for a table lock, all later queries on the table wait too. The wait is
    # therefore limited.
    await connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_LOCK_TIMEOUT}'")


def run_migrations(connection: "Connection", revision: str = "head") -> None:
    """Run the migrations up to a revision. The default is the newest revision."""
    from alembic import command  # noqa: PLC0415 - see the module's docstring
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", "taskstead:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
