"""Queries of tests, whose rows have no type."""

from typing import Any

from sqlalchemy import Executable

from taskstead.db.sql.query import Query

Row = dict[str, Any]
"""A row of an untyped query."""


def untyped(statement: Executable) -> Query[Row]:
    """Return a query for any statement, without a type for its rows."""
    query: Query[Row] = object.__new__(Query)
    query.row_type = dict
    query.statement = statement
    return query
