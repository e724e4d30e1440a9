"""Queries of tests, whose rows have no type."""

from typing import Any

from sqlalchemy import Executable

from taskstead.db.query import Query


def untyped(statement: Executable) -> Query[dict[str, Any]]:
    """Return a query for any statement, without a type for its rows."""
    query: Query[dict[str, Any]] = object.__new__(Query)
    query.row_type = dict
    query.statement = statement
    return query
