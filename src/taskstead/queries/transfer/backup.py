"""Queries for backups: all rows of all tables.

The restore of a backup reads the text of all tasks, to build the search index.
"""

from collections.abc import AsyncGenerator, Mapping
from typing import Any

from sqlalchemy import Table, bindparam, func, select, tuple_
from sqlalchemy.types import (
    BigInteger,
    Boolean,
    Integer,
    LargeBinary,
    String,
    Text,
    TypeEngine,
)

import taskstead.tables.all  # noqa: F401 - fills the metadata
from taskstead.db.database import Reader
from taskstead.db.snapshots import Snapshot
from taskstead.db.sql.query import Query
from taskstead.db.sql.types import Id, Instant, Json, SortKey
from taskstead.formats.backup import BackupTable
from taskstead.ids import BEFORE_ALL_IDS
from taskstead.queries.tasks.tasks import TAG_NAMES
from taskstead.tables.metadata import metadata
from taskstead.tables.rows import CountRow
from taskstead.tables.tasks import IndexedTaskRow, tasks

# Column types of the backup format. A restore binds values with these SQL types.
KINDS: dict[str, TypeEngine[Any]] = {
    "id": Id(),
    "instant": Instant(),
    "json": Json(),
    "bytes": LargeBinary(),
    "boolean": Boolean(),
    "integer": BigInteger(),
    "text": Text(),
}
# SQL types of the tables' columns, by column type of the backup format. The first match is used.
_SOURCE_TYPES: dict[str, tuple[type[TypeEngine[Any]], ...]] = {
    "id": (Id,),
    "instant": (Instant,),
    "json": (Json,),
    "bytes": (LargeBinary,),
    "boolean": (Boolean,),
    "integer": (Integer,),
    "text": (String, SortKey),
}

# Stored responses expire after a day by default, and no client repeats its request after a restore.
EXCLUDED_TABLES = frozenset({"idempotency_keys"})

# Rows per query. Most rows are smaller than a kilobyte, but a row of job_parts can be a mebibyte.
_CHUNK = 100

_LIST_INDEXED_TEXTS = Query(
    IndexedTaskRow,
    select(
        tasks.c.workspace_id,
        tasks.c.id,
        tasks.c.title,
        tasks.c.description,
        TAG_NAMES,
    )
    .where(
        tuple_(tasks.c.workspace_id, tasks.c.id)
        > tuple_(bindparam("after_workspace", type_=Id), bindparam("after", type_=Id))
    )
    .order_by(tasks.c.workspace_id, tasks.c.id)
    .limit(bindparam("limit", type_=BigInteger)),
)


def list_backup_tables() -> list[Table]:
    """Return the tables of a backup, referenced tables first."""
    return [table for table in metadata.sorted_tables if table.name not in EXCLUDED_TABLES]


async def describe_tables(reader: Reader) -> dict[str, BackupTable]:
    """Return the columns and the number of rows of each table."""
    descriptions = {}
    for table in list_backup_tables():
        count = select(func.count().label("count")).select_from(table)
        (row,) = await reader.fetch_all(Query(CountRow, count), {})
        columns = {str(column.name): _get_column_type(column.type) for column in table.columns}
        descriptions[str(table.name)] = BackupTable(columns, row["count"])
    return descriptions


async def stream_tables(
    snapshot: Snapshot,
) -> AsyncGenerator[tuple[str, list[Mapping[str, object]]]]:
    """Yield the rows of all tables, table by table, in chunks."""
    for table in list_backup_tables():
        async for rows in snapshot.stream_table(table, chunk=_CHUNK):
            yield str(table.name), rows


async def walk_indexed_tasks(reader: Reader, *, chunk: int) -> AsyncGenerator[list[IndexedTaskRow]]:
    """Yield title, description and tag names of all tasks of all workspaces, in chunks."""
    key = {"after_workspace": BEFORE_ALL_IDS, "after": BEFORE_ALL_IDS}
    while rows := await reader.fetch_all(_LIST_INDEXED_TEXTS, {**key, "limit": chunk}):
        yield rows
        key = {"after_workspace": rows[-1]["workspace_id"], "after": rows[-1]["id"]}


def _get_column_type(sql_type: TypeEngine[Any]) -> str:
    for name, types in _SOURCE_TYPES.items():
        if isinstance(sql_type, types):
            return name
    raise TypeError(f"the backup format has no column type for {sql_type!r}")
