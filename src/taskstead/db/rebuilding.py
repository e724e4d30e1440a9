"""Bulk load: drops all tables, creates them again and fills them, in one transaction.

Restoring a backup uses it. The migrations up to the backup's revision create the tables. When they
are filled, the later migrations bring them to the newest revision. Foreign keys are checked at the
end, so the rows may come in any order.
"""

import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

import asyncpg

from taskstead.db.database import UniqueViolationError
from taskstead.db.migrate import (
    MigrationError,
    check_foreign_keys,
    lock_postgresql,
    make_postgresql_engine,
    make_sqlite_engine,
    run_migrations,
    translated_migration_errors,
)
from taskstead.db.opening import get_sqlite_path
from taskstead.db.postgresql_connection import set_codecs
from taskstead.db.postgresql_transaction import PostgresqlTransaction
from taskstead.db.sqlite_transaction import SqliteTransaction
from taskstead.db.statements import POSTGRESQL, SQLITE, StandaloneCompiler
from taskstead.db.vocabulary import VOCABULARY_TABLES

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.ext.asyncio import AsyncConnection

    from taskstead.db.database import Transaction

Work = Callable[["Transaction"], Awaitable[None]]

# Created by migrations, but not part of SQLAlchemy's metadata.
_OTHER_TABLES = ("task_search", *VOCABULARY_TABLES, "alembic_version")
_LIST_FOREIGN_KEYS = (
    "SELECT conrelid::regclass::text AS of_table, quote_ident(conname) AS name, "
    "pg_get_constraintdef(oid) AS definition "
    "FROM pg_constraint WHERE contype = 'f' AND connamespace = current_schema()::regnamespace "
    "AND conparentid = 0 ORDER BY 1, 2"
)


class NotEmptyError(MigrationError):
    """The database already has rows."""


class BulkLoad:
    """Plan of a bulk load.

    Args:
        revision: schema revision at which the tables are filled.
        tables: names of the tables to drop, if they exist.
        unless_filled: name of a table; if it has rows, nothing is done. None to replace any data.
        fill: writes the rows, at ``revision``.
        finish: completes the data, at the newest revision.
    """

    def __init__(
        self,
        *,
        revision: str,
        tables: Sequence[str],
        unless_filled: str | None,
        fill: Work,
        finish: Work,
    ) -> None:
        self._revision = revision
        self._tables = [*_OTHER_TABLES, *tables]
        self._unless_filled = unless_filled
        self._fill = fill
        self._finish = finish

    async def run(self, url: str) -> None:
        """Replace the tables of a database; an error leaves it unchanged.

        Raises:
            NotEmptyError: the table ``unless_filled`` has rows.
            MigrationError: a statement or migration failed; the message states the reason.
            DatabaseUnavailableError: the database cannot be reached.
        """
        try:
            with translated_migration_errors("restore"):
                if url.startswith("sqlite:///"):
                    await self._run_on_sqlite(get_sqlite_path(url))
                else:
                    await self._run_on_postgresql(url)
        except (sqlite3.Error, asyncpg.PostgresError, UniqueViolationError) as error:
            # Only the first line: the others may contain user data.
            reason = str(error).partition("\n")[0]
            raise MigrationError(f"The restore failed and was rolled back: {reason}") from error

    async def _run_on_sqlite(self, path: str) -> None:
        engine = make_sqlite_engine(path)
        with engine.begin() as connection:
            self._check(connection)
            for name in self._tables:
                connection.exec_driver_sql(f"DROP TABLE IF EXISTS {name}")
            run_migrations(connection, self._revision)
            raw = connection.connection.driver_connection
            await self._fill(SqliteTransaction(StandaloneCompiler(SQLITE), raw))  # type: ignore[arg-type]
            run_migrations(connection)
            await self._finish(SqliteTransaction(StandaloneCompiler(SQLITE), raw))  # type: ignore[arg-type]
            check_foreign_keys(connection)
        engine.dispose()

    async def _run_on_postgresql(self, url: str) -> None:
        engine = make_postgresql_engine(url)
        async with engine.begin() as connection:
            await lock_postgresql(connection)
            await connection.run_sync(self._check)
            names = ", ".join(self._tables)
            await connection.exec_driver_sql(f"DROP TABLE IF EXISTS {names} CASCADE")
            await connection.run_sync(run_migrations, self._revision)
            await self._fill_postgresql(connection)
            await connection.run_sync(run_migrations)
            await _work_on_postgresql(connection, self._finish)
        await engine.dispose()

    async def _fill_postgresql(self, connection: "AsyncConnection") -> None:
        """Fill the tables without foreign keys. Adding those again checks all rows."""
        keys = (await connection.exec_driver_sql(_LIST_FOREIGN_KEYS)).mappings().all()
        for key in keys:
            drop = f"ALTER TABLE {key['of_table']} DROP CONSTRAINT {key['name']}"
            await connection.exec_driver_sql(drop)
        await _work_on_postgresql(connection, self._fill)
        for key in keys:
            add = f"ALTER TABLE {key['of_table']} ADD CONSTRAINT {key['name']} {key['definition']}"
            await connection.exec_driver_sql(add)

    def _check(self, connection: "Connection") -> None:
        from sqlalchemy import inspect  # noqa: PLC0415 - as in migrate.py

        name = self._unless_filled
        if name is None or not inspect(connection).has_table(name):
            return
        if connection.dialect.name == "postgresql":
            # Blocks all other access from here on.
            connection.exec_driver_sql(f"LOCK TABLE {name}")
        if connection.exec_driver_sql(f"SELECT 1 FROM {name} LIMIT 1").first() is not None:  # noqa: S608
            raise NotEmptyError("The database is not empty.")


async def _work_on_postgresql(connection: "AsyncConnection", work: Work) -> None:
    """Run work on the asyncpg connection, then restore the type codecs that SQLAlchemy needs."""
    adapted = await connection.get_raw_connection()
    raw = adapted.driver_connection
    await set_codecs(raw)  # type: ignore[arg-type]
    transaction = PostgresqlTransaction(StandaloneCompiler(POSTGRESQL), raw)  # type: ignore[arg-type]
    await work(transaction)
    await transaction.flush()
    await raw.reset_type_codec("uuid", schema="pg_catalog")  # type: ignore[union-attr]
    await connection.dialect.setup_asyncpg_jsonb_codec(adapted.dbapi_connection)  # type: ignore[attr-defined]
