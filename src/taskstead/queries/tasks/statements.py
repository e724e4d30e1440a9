"""Statements with filters. The statement of a long filter is built and compiled in a thread.

A statement is built and compiled once for each set of conditions. That takes about a millisecond
for each condition in the text of a filter, during which the event loop would serve no requests.
"""

import asyncio
from collections.abc import Callable
from typing import Concatenate, ParamSpec

from taskstead.db.sql.query import Query, R
from taskstead.db.sql.statements import POSTGRESQL, SQLITE, compile_statement
from taskstead.queries.tasks.filters import Conditions, Names

P = ParamSpec("P")

# A filter with more conditions is built in a thread. A switch to a thread takes a tenth of a
# millisecond.
_MAX_INLINE_CONDITIONS = 8
_DIALECTS = {"sqlite": SQLITE, "postgresql": POSTGRESQL}


async def build_query(
    dialect: str,
    conditions: Conditions,
    build: Callable[Concatenate[Names, P], Query[R]],
    *args: P.args,
    **kwargs: P.kwargs,
) -> Query[R]:
    """Return the query of a cached function for conditions.

    Args:
        dialect: the database's dialect.
        conditions: the conditions.
        build: returns the query. It is called with the names of the conditions, and it is cached.
        args: further arguments of ``build``.
        kwargs: further arguments of ``build``.
    """

    def build_and_compile() -> Query[R]:
        query = build(conditions.names, *args, **kwargs)
        # The result is cached, so the database finds it.
        compile_statement(query.statement, _DIALECTS[dialect])
        return query

    if conditions.filter_size > _MAX_INLINE_CONDITIONS:
        return await asyncio.to_thread(build_and_compile)
    return build(conditions.names, *args, **kwargs)
