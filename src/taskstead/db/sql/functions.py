"""SQL constructs for SQLAlchemy Core that need different SQL on SQLite and PostgreSQL."""

from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import Boolean, TypeEngine

from taskstead.db.sql.types import Json, ListOf


class array_of(ColumnElement[Any]):  # noqa: N801 - reads like the SQL function it stands for
    """A correlated sub-select of one column as a list, in the order of the sub-select.

    Args:
        select: a SELECT of one column; its ``ORDER BY`` is respected.
        item: the SQL type of the column.
    """

    inherit_cache = False

    def __init__(self, select: Select[Any], item: TypeEngine[Any]) -> None:
        self.inner = select.scalar_subquery()
        self.type = ListOf(item)


@compiles(array_of, "postgresql")
def _array_of_on_postgresql(element: array_of, compiler: SQLCompiler, **kw: Any) -> str:
    return f"ARRAY{compiler.process(element.inner, **kw)}"


@compiles(array_of, "sqlite")
def _array_of_on_sqlite(element: array_of, compiler: SQLCompiler, **kw: Any) -> str:
    # The ORDER BY is in a sub-select, because aggregate functions of SQLite 3.40 do not support it.
    name = element.inner.element.selected_columns[0].key
    inner = compiler.process(element.inner, **kw)
    return f"(SELECT json_group_array({name}) FROM {inner})"  # noqa: S608 - compiled, not given


class is_any_of(ColumnElement[bool]):  # noqa: N801 - reads like the SQL operator it stands for
    """Condition that a column equals one of the values in a list parameter.

    Unlike ``IN (…)``, its SQL text does not depend on the length of the list. Therefore the
    statement is compiled only once.

    Args:
        column: the column.
        name: the name of the parameter.
    """

    inherit_cache = False
    type = Boolean()

    def __init__(self, column: ColumnElement[Any], name: str) -> None:
        self.column = column
        self.values = bindparam(name, type_=ListOf(column.type))


@compiles(is_any_of, "postgresql")
def _is_any_of_on_postgresql(element: is_any_of, compiler: SQLCompiler, **kw: Any) -> str:
    return f"{compiler.process(element.column, **kw)} = ANY({compiler.process(element.values)})"


@compiles(is_any_of, "sqlite")
def _is_any_of_on_sqlite(element: is_any_of, compiler: SQLCompiler, **kw: Any) -> str:
    column = compiler.process(element.column, **kw)
    values = compiler.process(element.values)
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608 - compiled, not given


class is_not_ascii(ColumnElement[bool]):  # noqa: N801 - reads like the SQL operator it stands for
    """Condition that a text contains characters outside ASCII.

    Args:
        column: the text column. It is stored in UTF-8.
    """

    inherit_cache = False
    type = Boolean()

    def __init__(self, column: ColumnElement[Any]) -> None:
        self.column = column


@compiles(is_not_ascii, "postgresql")
def _is_not_ascii_on_postgresql(element: is_not_ascii, compiler: SQLCompiler, **kw: Any) -> str:
    column = compiler.process(element.column, **kw)
    return f"octet_length({column}) <> char_length({column})"


@compiles(is_not_ascii, "sqlite")
def _is_not_ascii_on_sqlite(element: is_not_ascii, compiler: SQLCompiler, **kw: Any) -> str:
    column = compiler.process(element.column, **kw)
    return f"length(CAST({column} AS BLOB)) <> length({column})"


class json_without(ColumnElement[Any]):  # noqa: N801 - reads like the SQL function it stands for
    """A JSON object without some of its keys.

    Args:
        column: the JSON column.
        keys: the keys to remove. They may contain only letters and underscores.
    """

    inherit_cache = False
    type = Json()

    def __init__(self, column: ColumnElement[Any], *keys: str) -> None:
        self.column = column
        self.keys = keys


@compiles(json_without, "postgresql")
def _json_without_on_postgresql(element: json_without, compiler: SQLCompiler, **kw: Any) -> str:
    keys = ", ".join(f"'{key}'" for key in element.keys)
    return f"{compiler.process(element.column, **kw)} - ARRAY[{keys}]"


@compiles(json_without, "sqlite")
def _json_without_on_sqlite(element: json_without, compiler: SQLCompiler, **kw: Any) -> str:
    keys = ", ".join(f"'$.{key}'" for key in element.keys)
    return f"json_remove({compiler.process(element.column, **kw)}, {keys})"
