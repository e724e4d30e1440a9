"""Restores a backup file into a database.

``queries/transfer/backup.py`` reads the data of a backup.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, BinaryIO

from sqlalchemy import BindParameter, Insert, bindparam, column, insert, table

from taskstead.db.bulk_load import BulkLoad
from taskstead.db.database import Transaction
from taskstead.formats.backup import BackupHeader, BackupTable, read_rows
from taskstead.queries.transfer.backup import KINDS, walk_indexed_tasks
from taskstead.services.search.index import index_rows
from taskstead.tables.metadata import metadata

# Tasks per query when the search index is built.
_CHUNK = 500
# Values for a job that was running when the backup was made. It is returned to the queue.
_QUEUED = {"state": "queued", "claimed_by": None, "claimed_until": None}


async def restore_backup(
    url: str,
    file: BinaryIO,
    header: BackupHeader,
    *,
    is_replacing: bool,
    advance: Callable[[int], None],
) -> None:
    """Replace the content of a database with the content of a backup.

    If an error occurs, the database is not changed.

    Args:
        url: the URL of the database.
        file: the backup file, already verified.
        header: the header of the backup.
        is_replacing: whether existing accounts may be deleted.
        advance: reports progress; called with the number of rows written so far.

    Raises:
        NotEmptyError: the database has accounts, and ``is_replacing`` is false.
        MigrationError: the restore failed; the message states the reason.
    """
    rebuilding = BulkLoad(
        revision=header.revision,
        tables=sorted(header.tables.keys() | metadata.tables.keys()),
        must_be_empty=None if is_replacing else "users",
        fill=partial(_fill_tables, file=file, header=header, advance=advance),
        finish=_index_all,
    )
    await rebuilding.run(url)


async def _fill_tables(
    transaction: Transaction,
    *,
    file: BinaryIO,
    header: BackupHeader,
    advance: Callable[[int], None],
) -> None:
    statements = {name: _build_insert(name, shape) for name, shape in header.tables.items()}
    done = 0
    for name, rows in read_rows(file, header):
        if name == "jobs":
            rows = [row | _QUEUED if row["state"] == "running" else row for row in rows]  # noqa: PLW2901
        await transaction.execute_many(statements[name], rows)
        done += len(rows)
        advance(done)


def _build_insert(name: str, shape: BackupTable) -> Insert:
    """Return the INSERT for a table with the columns that it had at the time of the backup."""
    columns = {column_name: KINDS[kind] for column_name, kind in shape.columns.items()}
    target = table(name, *(column(column_name, kind) for column_name, kind in columns.items()))
    values: dict[str, BindParameter[Any]] = {
        column_name: bindparam(column_name, type_=kind) for column_name, kind in columns.items()
    }
    return insert(target).values(values)


async def _index_all(transaction: Transaction) -> None:
    """Build the full-text index of all tasks."""
    async for rows in walk_indexed_tasks(transaction, chunk=_CHUNK):
        await index_rows(transaction, rows)
