"""The schema revision of a database, stored by Alembic in the table ``alembic_version``."""

from typing import TypedDict

from sqlalchemy import column, func, select, table
from sqlalchemy.types import Text

from taskstead.db.database import Reader
from taskstead.db.sql.query import Query


class TableNameRow(TypedDict):
    """The name of a table. On PostgreSQL it is None if there is no such table."""

    name: str | None


class SchemaRevisionRow(TypedDict):
    """The schema revision that Alembic has stored."""

    version_num: str


_FIND_TABLE = {
    "sqlite": Query(
        TableNameRow,
        select(column("name"))
        .select_from(table("sqlite_schema", column("name")))
        .where(column("name") == "alembic_version"),
    ),
    "postgresql": Query(
        TableNameRow, select(func.to_regclass("alembic_version").cast(Text).label("name"))
    ),
}
_GET_REVISION = Query(
    SchemaRevisionRow, select(column("version_num")).select_from(table("alembic_version"))
)


async def find_revision(database: Reader, dialect: str) -> str | None:
    """Return the schema revision of the database; None if it has no tables."""
    found = await database.fetch_one(_FIND_TABLE[dialect], {})
    if found is None or found["name"] is None:
        return None
    row = await database.fetch_one(_GET_REVISION, {})
    return None if row is None else row["version_num"]
