"""Statements whose conditions are compiled separately and joined as text.

The filters of clients are different combinations of the same few conditions. SQLAlchemy takes a
third of a millisecond to compile one of them. So each condition is compiled once, with ``slot`` as
the beginning of the names of its parameters. A combination of conditions is then assembled by
replacing this name:

    parts = ("NOT coalesce(", Part("due", is_due_before(SLOT), "first"), ", false)")
    statement = AssembledStatement(select(tasks.c.id).where(PLACEHOLDER), tasks, parts)
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Dialect,
    Executable,
    FromClause,
    Select,
    literal_column,
    select,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import Boolean, TypeEngine

SLOT = "slot"
MARK = "/* conditions */"
PLACEHOLDER: ColumnElement[bool] = literal_column(MARK, Boolean())
"""The position of the conditions in a statement."""

# Dialects with names of parameters in the text.
_SQLITE: Dialect = sqlite.dialect(paramstyle="named")
_SQLITE.supports_native_boolean = True
_POSTGRESQL: Dialect = asyncpg.dialect(paramstyle="named")  # type: ignore[no-untyped-call]
_DIALECTS = {"sqlite": _SQLITE, "postgresql": _POSTGRESQL}
# A parameter such as `:slot`. A cast such as `::UUID` is none.
_PARAMETER = re.compile(r"(?<![:\w]):([A-Za-z_]\w*)")


class Part(NamedTuple):
    """A condition in an assembled statement.

    Attributes:
        name: a name of the condition that is unique in the statement.
        condition: the condition.
        slot: replaces ``slot`` at the beginning of the names of its parameters.
    """

    name: str
    condition: ColumnElement[bool]
    slot: str


class AssembledStatement(Executable):
    """A SELECT, and the text and conditions that replace its ``PLACEHOLDER``.

    Args:
        statement: the SELECT. It contains the placeholder once.
        source: the table that the conditions are about.
        parts: texts of SQL and conditions, in order.
    """

    def __init__(
        self, statement: Select[Any], source: FromClause, parts: Sequence[str | Part]
    ) -> None:
        self.statement = statement
        self.source = source
        self.parts = parts
        self.exported_columns = statement.exported_columns


class CompiledCondition(NamedTuple):
    """The SQL text of a condition.

    Attributes:
        texts: the texts before, between and after the parameters.
        names: the names of the parameters, in order.
        types: the types of the parameters, in order.
        constants: the values of the parameters that have one.
    """

    texts: tuple[str, ...]
    names: tuple[str, ...]
    types: tuple[TypeEngine[Any], ...]
    constants: Mapping[str, Any]


@lru_cache(maxsize=512)
def compile_condition(
    condition: ColumnElement[bool], source: FromClause, dialect: str
) -> CompiledCondition:
    """Compile a condition, or return the cached result.

    Args:
        condition: the condition.
        source: the table that the condition is about.
        dialect: ``sqlite`` or ``postgresql``.

    Raises:
        TypeError: the text of the condition contains a colon that begins no parameter.
    """
    statement: Select[Any] = select(literal_column("1")).select_from(source).where(condition)
    compiled = statement.compile(dialect=_DIALECTS[dialect])
    if not isinstance(compiled, SQLCompiler):
        raise TypeError(f"{condition!r} is not a condition")
    texts = _PARAMETER.split(str(compiled).split("WHERE ", 1)[1])
    names = texts[1::2]
    if set(names) != set(compiled.params):
        raise TypeError(f"{compiled}: the parameters cannot be found in the text")
    binds = [compiled.binds[name] for name in names]
    constants = {
        name: bind.value for name, bind in zip(names, binds, strict=True) if not bind.required
    }
    types = tuple(bind.type for bind in binds)
    return CompiledCondition(tuple(texts[::2]), tuple(names), types, constants)
