"""Two tables with every column type, and connections that bypass the code under test."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    Executable,
    ForeignKey,
    MetaData,
    String,
    Table,
    Text,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.schema import CreateTable

from taskstead.db.database import Database, Reader
from taskstead.db.factory import get_sqlite_path, open_database
from taskstead.db.sql.statements import POSTGRESQL, SQLITE
from taskstead.db.sql.types import Hash, Id, Instant, Json, SortKey
from taskstead.ids import make_id
from tests.harness.untyped import Row, untyped

metadata = MetaData()

things = Table(
    "things",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", String(200), unique=True),
    Column("text", Text),
    Column("key", SortKey),
    Column("at", Instant),
    Column("data", Json),
    Column("flag", Boolean),
    Column("number", BigInteger),
    Column("hash", Hash),
)

# The foreign key is deferred to the COMMIT, so a test can make the COMMIT fail.
parts = Table(
    "parts",
    metadata,
    Column("id", Id, primary_key=True),
    Column(
        "thing_id", Id, ForeignKey("things.id", deferrable=True, initially="DEFERRED"), index=True
    ),
    Column("number", BigInteger),
)

INSERT = insert(things)
INSERT_NAMED = insert(things).values(
    id=bindparam("id"), name=bindparam("name"), number=bindparam("number")
)
INSERT_PART = insert(parts).values(id=bindparam("id"), thing_id=bindparam("thing"))
GET = select(things).where(things.c.id == bindparam("id"))
GET_NAMED = select(things.c.id, things.c.number).where(things.c.name == bindparam("name"))
LIST_NAMES = select(things.c.name).order_by(things.c.name)
COUNT = select(func.count().label("count")).select_from(things)
COUNT_PARTS = select(func.count().label("count")).select_from(parts)
ADD = (
    update(things)
    .where(things.c.name == bindparam("called"))
    .values(number=things.c.number + bindparam("more"))
)
DELETE = delete(things).where(things.c.name == bindparam("called"))


def make_thing(name: str, number: int = 0) -> dict[str, Any]:
    """Return the values for ``INSERT_NAMED``."""
    return {"id": make_id(), "name": name, "number": number}


# Both counts come from one statement. Otherwise a COMMIT could come between them.
COUNT_ALL = select(
    COUNT.scalar_subquery().label("things"),
    COUNT_PARTS.scalar_subquery().label("parts"),
    select(things.c.number).where(things.c.name == "counter").scalar_subquery().label("counter"),
)


async def count_things(reader: Reader) -> int:
    """Count the things that a reader sees."""
    row = await reader.fetch_one(untyped(COUNT), {})
    assert row is not None
    return int(row["count"])


async def add_thing(database: Database, name: str, number: int = 0) -> None:
    """Add a thing in a transaction of its own."""
    async with database.transaction() as transaction:
        await transaction.execute(INSERT_NAMED, make_thing(name, number))


async def write(
    database: Database, *steps: tuple[Executable, Row], error: Exception | None = None
) -> None:
    """Execute statements in one transaction. End it with the error, if one is given."""
    async with database.transaction() as transaction:
        for statement, parameters in steps:
            await transaction.execute(statement, parameters)
        if error is not None:
            raise error


async def list_names(reader: Reader) -> list[str]:
    """List the names of the things that a reader sees, in order."""
    return [row["name"] for row in await reader.fetch_all(untyped(LIST_NAMES), {})]


def get_dialect(url: str) -> Dialect:
    """Return SQLAlchemy's dialect for a database URL."""
    return SQLITE if url.startswith("sqlite:") else POSTGRESQL


async def run_outside(url: str, *statements: str) -> list[tuple[Any, ...]]:
    """Run SQL on a plain driver connection. Return the rows of the last statement."""
    rows: list[tuple[Any, ...]] = []
    if url.startswith("sqlite:"):
        connection = sqlite3.connect(get_sqlite_path(url), isolation_level=None)
        try:
            for statement in statements:
                rows = connection.execute(statement).fetchall()
        finally:
            connection.close()
        return rows
    async with connected_outside(url) as outside:
        for statement in statements:
            rows = [tuple(row) for row in await outside.fetch(statement)]
    return rows


@asynccontextmanager
async def connected_outside(url: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """Connect to PostgreSQL with the plain driver for the duration of the block."""
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close(timeout=60)


async def create_things(url: str) -> None:
    """Create the tables."""
    dialect = get_dialect(url)
    tables = (str(CreateTable(table).compile(dialect=dialect)) for table in (things, parts))
    await run_outside(url, *tables)


@asynccontextmanager
async def opened(
    url: str, *, size: int = 3, wait: float = 5.0, queue: float = 0.0
) -> AsyncIterator[Database]:
    """Open a database for the duration of the block."""
    database = await open_database(url, pool_size=size, wait_seconds=wait, queue_seconds=queue)
    try:
        yield database
    finally:
        await database.close()
