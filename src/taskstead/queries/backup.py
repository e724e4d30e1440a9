"""Reading all tables, for a backup; and of what is restored, what is searched."""

from collections.abc import AsyncGenerator
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
from taskstead.db.statements import Row
from taskstead.db.types import Id, Instant, Json, SortKey
from taskstead.queries.tasks import TAG_NAMES
from taskstead.queries.workspaces import BEFORE_ALL_IDS
from taskstead.schemas.backup import BackupTable
from taskstead.tables.metadata import metadata
from taskstead.tables.tasks import tasks

# The kinds of columns in a backup, and what a column of each is written as.
KINDS: dict[str, TypeEngine[Any]] = {
    "id": Id(),
    "instant": Instant(),
    "json": Json(),
    "bytes": LargeBinary(),
    "boolean": Boolean(),
    "integer": BigInteger(),
    "text": Text(),
}
# Which types a column of each kind has; it is of the first that fits.
_TYPES: dict[str, tuple[type[TypeEngine[Any]], ...]] = {
    "id": (Id,),
    "instant": (Instant,),
    "json": (Json,),
    "bytes": (LargeBinary,),
    "boolean": (Boolean,),
    "integer": (Integer,),
    "text": (String, SortKey),
}

# What a repeated request is answered, for a day: it is about requests that came after the backup
# as much as about those before, and no client waits for it.
LEFT_OUT = frozenset({"idempotency_keys"})

# A row can be a mebibyte (job_parts), most are less than a kilobyte.
_CHUNK = 100

_LIST_WORDS = (
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
    .limit(bindparam("limit", type_=BigInteger))
)


def list_backed_up() -> list[Table]:
    """Return the tables that belong into a backup, what others refer to first."""
    return [table for table in metadata.sorted_tables if table.name not in LEFT_OUT]


async def describe_tables(reader: Reader) -> dict[str, BackupTable]:
    """Return what each table looks like and how many rows it has."""
    described = {}
    for table in list_backed_up():
        row = await reader.fetch_one(select(func.count().label("rows")).select_from(table), {})
        columns = {str(column.name): _find_kind(column.type) for column in table.columns}
        described[str(table.name)] = BackupTable(columns, row["rows"] if row else 0)
    return described


async def stream_tables(snapshot: Snapshot) -> AsyncGenerator[tuple[str, list[Row]]]:
    """Give all rows, table by table, some at a time."""
    for table in list_backed_up():
        async for rows in snapshot.stream(select(table), chunk=_CHUNK):
            yield str(table.name), rows


async def walk_all_words(reader: Reader, *, chunk: int) -> AsyncGenerator[list[Row]]:
    """Give what is searched of all tasks of all workspaces, with the names of their ``tags``."""
    place = {"after_workspace": BEFORE_ALL_IDS, "after": BEFORE_ALL_IDS}
    while rows := await reader.fetch_all(_LIST_WORDS, {**place, "limit": chunk}):
        yield rows
        place = {"after_workspace": rows[-1]["workspace_id"], "after": rows[-1]["id"]}


def _find_kind(kind: TypeEngine[Any]) -> str:
    for name, types in _TYPES.items():
        if isinstance(kind, types):
            return name
    raise TypeError(f"{kind!r} has no place in a backup")
