"""Statements with the conditions of a filter."""

from collections.abc import Callable
from typing import Concatenate, ParamSpec

from taskstead.db.sql.query import Query, R
from taskstead.queries.tasks.expressions import assemble_query
from taskstead.queries.tasks.filters import Conditions, Names

P = ParamSpec("P")


def build_query(
    conditions: Conditions,
    build: Callable[Concatenate[Names, P], Query[R]],
    *args: P.args,
    **kwargs: P.kwargs,
) -> Query[R]:
    """Return the query of a cached function for conditions.

    Args:
        conditions: the conditions.
        build: returns the query. It is called with the names of the conditions, and it is cached.
        args: further arguments of ``build``.
        kwargs: further arguments of ``build``.
    """
    query = build(conditions.names, *args, **kwargs)
    return assemble_query(query, conditions.expressions) if conditions.expressions else query
