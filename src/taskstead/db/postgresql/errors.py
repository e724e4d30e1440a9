"""Check that a reachable PostgreSQL server accepts writes.

It is not read-only, and the role has the privileges for all tables. Health checks and
``taskstead doctor`` use this check.
"""

from collections.abc import Iterable
from typing import TypedDict

from sqlalchemy import Boolean, bindparam, column, text
from sqlalchemy.types import Text

from taskstead.db.database import Reader
from taskstead.db.sql.query import Query

STANDBY = "The database is read-only: it is a standby."
READ_ONLY = "The database is read-only."


class StateRow(TypedDict):
    """Whether a server is a standby, and whether its transactions are read-only."""

    is_standby: bool
    is_read_only: bool


class TableNameRow(TypedDict):
    """The name of a table."""

    name: str


_GET_STATE = Query(
    StateRow,
    text(
        "SELECT pg_is_in_recovery() AS is_standby,"
        " current_setting('transaction_read_only') = 'on' AS is_read_only"
    ).columns(column("is_standby", Boolean), column("is_read_only", Boolean)),
)
# Missing tables are not reported, because the check of the schema revision reports them.
_FIND_FORBIDDEN = Query(
    TableNameRow,
    text("""
SELECT name FROM unnest(string_to_array(:names, ' ')) AS name
WHERE NOT (
    has_table_privilege(to_regclass(name), 'SELECT')
    AND has_table_privilege(to_regclass(name), 'INSERT')
    AND has_table_privilege(to_regclass(name), 'UPDATE')
    AND has_table_privilege(to_regclass(name), 'DELETE')
)
ORDER BY name LIMIT 1
""")
    .bindparams(bindparam("names", type_=Text))
    .columns(column("name", Text)),
)


async def find_write_obstacle(reader: Reader, tables: Iterable[str]) -> str | None:
    """Return the reason why the database does not accept writes as a sentence; None if it does.

    Args:
        reader: a PostgreSQL database.
        tables: the names of the tables that the server reads and writes.
    """
    (state,) = await reader.fetch_all(_GET_STATE, {})
    if state["is_standby"]:
        return STANDBY
    if state["is_read_only"]:
        return READ_ONLY
    forbidden = await reader.fetch_one(_FIND_FORBIDDEN, {"names": " ".join(tables)})
    if forbidden is not None:
        return f"The server lacks privileges on the table {forbidden['name']}."
    return None
