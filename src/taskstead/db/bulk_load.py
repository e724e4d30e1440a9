"""Bulk load: drops all tables, creates them again and fills them, in one transaction.

It is used to restore a backup. The migrations up to the revision of the backup create the tables.
When the tables are filled, the remaining migrations upgrade them to the newest revision. Foreign
keys are checked after all rows have been written, so the rows may be written in any order.
"""

import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

import asyncpg

from taskstead.db.database import UniqueViolationError
from taskstead.db.factory import get_sqlite_path
from taskstead.db.migrate import (
    MigrationError,
    check_foreign_keys,
    lock_postgresql,
    make_postgresql_engine,
    make_sqlite_engine,
    run_migrations,
    translated_migration_errors,
)
from taskstead.db.postgresql.connection import set_codecs
from taskstead.db.postgresql.transaction import PostgresqlTransaction
from taskstead.db.sql.vocabulary import VOCABULARY_TABLES
from taskstead.db.sqlite.transaction import SqliteTransaction
from taskstead.observability.query_stats import Meter

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.ext.asyncio import AsyncConnection

    from taskstead.db.database import Transaction

Work = Callable[["Transaction"], Awaitable[None]]

# Tables that migrations create but that are not part of SQLAlchemy's metadata.
_OTHER_TABLES = ("task_search", *VOCABULARY_TABLES, "alembic_version")
_LIST_FOREIGN_KEYS = (
    "SELECT conrelid::regclass::text AS of_table, quote_ident(conname) AS name, "
    "pg_get_constraintdef(oid) AS definition "
    "FROM pg_constraint WHERE contype = 'f' AND connamespace = current_schema()::regnamespace "
    "AND conparentid = 0 ORDER BY 1, 2"
)


class NotEmptyError(MigrationError):
    """The database is not empty."""


class BulkLoad:
    """Plan of a bulk load.

    Args:
        revision: the schema revision of the rows that ``fill`` writes.
        tables: names of the tables to drop, if they exist.
        must_be_empty: name of a table that must have no rows. If it is None, existing data is
            replaced.
        fill: writes the rows. It is called when the schema is at ``revision``.
        finish: writes data derived from the rows, such as a search index. It is called after all
            migrations.
    """

    def __init__(
        self,
        *,
        revision: str,
        tables: Sequence[str],
        must_be_empty: str | None,
        fill: Work,
        finish: Work,
    ) -> None:
        self._revision = revision
        self._tables = [*_OTHER_TABLES, *tables]
        self._must_be_empty = must_be_empty
        self._fill = fill
        self._finish = finish

    async def run(self, url: str) -> None:
        """Replace the tables of a database. After an error, the database is unchanged.

        Raises:
            NotEmptyError: the table ``must_be_empty`` has rows.
            MigrationError: a statement or migration failed. The message states the reason.
            DatabaseUnavailableError: the database cannot be reached.
        """
        try:
            with translated_migration_errors("restore"):
                if url.startswith("sqlite:///"):
                    await self._run_on_sqlite(get_sqlite_path(url))
                else:
                    await self._run_on_postgresql(url)
        except (sqlite3.Error, asyncpg.PostgresError, UniqueViolationError) as error:
            # Use only the first line of the message, because the others may contain user data.
            reason = str(error).partition("\n")[0]
            raise MigrationError(f"The restore failed and was rolled back: {reason}") from error

    async def _run_on_sqlite(self, path: str) -> None:
        engine = make_sqlite_engine(path)
        with engine.begin() as connection:
            self._check_empty(connection)
            for name in self._tables:
                connection.exec_driver_sql(f"DROP TABLE IF EXISTS {name}")
            run_migrations(connection, self._revision)
            raw = connection.connection.driver_connection
            await self._fill(SqliteTransaction(raw, Meter()))  # type: ignore[arg-type]
            run_migrations(connection)
            await self._finish(SqliteTransaction(raw, Meter()))  # type: ignore[arg-type]
            check_foreign_keys(connection)
        engine.dispose()

    async def _run_on_postgresql(self, url: str) -> None:
        engine = make_postgresql_engine(url)
        async with engine.begin() as connection:
            await lock_postgresql(connection)
            await connection.run_sync(self._check_empty)
            names = ", ".join(self._tables)
            await connection.exec_driver_sql(f"DROP TABLE IF EXISTS {names} CASCADE")
            await connection.run_sync(run_migrations, self._revision)
            await self._fill_postgresql(connection)
            await connection.run_sync(run_migrations)
            await _run_work_on_postgresql(connection, self._finish)
        await engine.dispose()

    async def _fill_postgresql(self, connection: "AsyncConnection") -> None:
        """Drop the foreign keys, fill the tables, and add the foreign keys again.

        Adding a foreign key checks all rows.
        """
        keys = (await connection.exec_driver_sql(_LIST_FOREIGN_KEYS)).mappings().all()
        for key in keys:
            drop = f"ALTER TABLE {key['of_table']} DROP CONSTRAINT {key['name']}"
            await connection.exec_driver_sql(drop)
        await _run_work_on_postgresql(connection, self._fill)
        for key in keys:
            add = f"ALTER TABLE {key['of_table']} ADD CONSTRAINT {key['name']} {key['definition']}"
            await connection.exec_driver_sql(add)

    def _check_empty(self, connection: "Connection") -> None:
        """Raise NotEmptyError if the table ``must_be_empty`` has rows."""
        from sqlalchemy import inspect  # noqa: PLC0415 - imported only for a bulk load

        name = self._must_be_empty
        if name is None or not inspect(connection).has_table(name):
            return
        if connection.dialect.name == "postgresql":
            # Block all other access to the table until the transaction ends.
            connection.exec_driver_sql(f"LOCK TABLE {name}")
        if connection.exec_driver_sql(f"SELECT 1 FROM {name} LIMIT 1").first() is not None:  # noqa: S608
            raise NotEmptyError("The database is not empty.")


async def _run_work_on_postgresql(connection: "AsyncConnection", work: Work) -> None:
    """Call ``work`` with a transaction on the asyncpg connection.

    Afterwards, restore the type codecs that SQLAlchemy needs.
    """
    adapted = await connection.get_raw_connection()
    raw = adapted.driver_connection
    await set_codecs(raw)  # type: ignore[arg-type]
    transaction = PostgresqlTransaction(raw, Meter())  # type: ignore[arg-type]
    await work(transaction)
    await transaction.flush()
    await raw.reset_type_codec("uuid", schema="pg_catalog")  # type: ignore[union-attr]
    await connection.dialect.setup_asyncpg_jsonb_codec(adapted.dbapi_connection)  # type: ignore[attr-defined]
