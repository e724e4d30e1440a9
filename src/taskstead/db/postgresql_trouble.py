"""What keeps a PostgreSQL server that answers from being used: read-only, or rights are missing."""

from collections.abc import Iterable

from sqlalchemy import Boolean, bindparam, column, text
from sqlalchemy.types import Text

from taskstead.db.database import Reader

STANDBY = "The database is read-only: it is a standby."
READ_ONLY = "The database is read-only."

_GET_STATE = text(
    "SELECT pg_is_in_recovery() AS is_standby,"
    " current_setting('transaction_read_only') = 'on' AS is_read_only"
).columns(column("is_standby", Boolean), column("is_read_only", Boolean))
# A table that is missing is a migration that is missing, which is reported elsewhere.
_FIND_FORBIDDEN = (
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
    .columns(column("name", Text))
)


async def find_trouble(reader: Reader, tables: Iterable[str]) -> str | None:
    """Return a sentence that says why the database cannot be written to; None if it can.

    Args:
        reader: of a PostgreSQL database.
        tables: the names of the tables that are read and written.
    """
    state = await reader.fetch_one(_GET_STATE, {}) or {}
    if state.get("is_standby"):
        return STANDBY
    if state.get("is_read_only"):
        return READ_ONLY
    forbidden = await reader.fetch_one(_FIND_FORBIDDEN, {"names": " ".join(tables)})
    if forbidden is not None:
        return f"The server does not have all rights on the table {forbidden['name']}."
    return None
