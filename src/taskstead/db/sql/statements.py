"""Compiles SQLAlchemy Core statements to SQL text and value converters.

The result is cached per statement object and dialect, because statements are module-level constants
or results of cached functions.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Dialect, Executable
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.sql.compiler import SQLCompiler

from taskstead.concurrency.cooperative import PIECE, yield_every
from taskstead.db.sql.types import Converter, find_sqlite_binder, find_sqlite_reader
from taskstead.errors import DatabaseDamagedError

Parameters = Mapping[str, Any]

SQLITE: Dialect = sqlite.dialect(paramstyle="qmark")
# SQLite supports TRUE and FALSE since 3.23. By default, SQLAlchemy renders boolean conditions for
# SQLite as "x = 1".
SQLITE.supports_native_boolean = True
POSTGRESQL: Dialect = asyncpg.dialect()  # type: ignore[no-untyped-call]

# The cache is limited, because clients can produce many different list queries with their filters.
# A list query takes 30 KB of memory, and up to 120 KB with a long filter.
_CACHE_SIZE = 1024


@dataclass(frozen=True, slots=True)
class CompiledStatement:
    """A statement in the form that the driver needs.

    Attributes:
        sql: the text, with positional placeholders.
        names: the names of the parameters of the placeholders, in order.
        columns: the names of the result columns, in order; empty if there is no result.
        get_values: returns the values of all placeholders from a mapping of parameters.
        defaults: the default values of optional parameters.
        binders: the index and converter of each placeholder whose value must be converted.
        readers: the name and converter of each result column whose value must be converted.
        is_change: whether the statement is an INSERT, UPDATE or DELETE.
    """

    sql: str
    names: tuple[str, ...]
    columns: tuple[str, ...]
    get_values: Callable[[Parameters], Sequence[Any]]
    defaults: Parameters
    binders: tuple[tuple[int, Converter], ...]
    readers: tuple[tuple[str, Converter], ...]
    is_change: bool = False

    def bind(self, parameters: Parameters) -> list[Any]:
        """Return the values of the placeholders in order, converted for the driver.

        Raises:
            KeyError: a required parameter is missing.
        """
        if self.defaults:
            parameters = {**self.defaults, **parameters}
        values = list(self.get_values(parameters))
        for index, convert in self.binders:
            value = values[index]
            if value is not None:
                values[index] = convert(value)
        return values

    async def read_all(self, found: Sequence[Any]) -> list[Any]:
        """Convert many result rows (see :meth:`read`).

        It yields to the event loop after every ``PIECE`` rows.
        """
        if len(found) <= PIECE:
            return [self.read(values) for values in found]
        return [self.read(values) async for values in yield_every(found)]

    def read(self, values: Iterable[Any]) -> Any:
        """Convert a result row of the driver to a mapping by column name.

        The type of the mapping is the row type of the ``Query``.

        Raises:
            DatabaseDamagedError: a value cannot be decoded.
        """
        row = dict(zip(self.columns, values, strict=True))
        if not self.readers:
            return row
        try:
            for name, convert in self.readers:
                value = row[name]
                if value is not None:
                    row[name] = convert(value)
        except (ValueError, TypeError) as error:
            raise DatabaseDamagedError("a value cannot be decoded") from error
        return row


@lru_cache(_CACHE_SIZE)
def compile_statement(statement: Executable, dialect: Dialect) -> CompiledStatement:
    """Compile a statement, or return the cached result.

    Raises:
        TypeError: the statement is DDL or no SQL statement, or it has an ``IN`` list of variable
            length.
    """
    compiled = statement.compile(dialect=dialect)  # type: ignore[attr-defined]
    if not isinstance(compiled, SQLCompiler):
        raise TypeError(f"{statement!r} is not a query or DML statement")
    if compiled.post_compile_params:
        raise TypeError(f"{compiled} has an IN list of variable length: use is_any_of() or or_()")
    # asyncpg converts all values itself.
    is_postgresql = dialect.name == "postgresql"
    names = tuple(compiled.positiontup or ())
    binds = [compiled.binds[name] for name in names]
    defaults = {
        name: bind.value for name, bind in zip(names, binds, strict=True) if not bind.required
    }
    converters = [] if is_postgresql else [find_sqlite_binder(bind.type) for bind in binds]
    binders = tuple((index, bind) for index, bind in enumerate(converters) if bind is not None)
    exported = getattr(statement, "exported_columns", ())
    columns = tuple(column.key for column in exported)
    column_readers = (
        []
        if is_postgresql
        else [(column.key, find_sqlite_reader(column.type)) for column in exported]
    )
    readers = tuple((name, read) for name, read in column_readers if read is not None)
    is_change = compiled.isinsert or compiled.isupdate or compiled.isdelete
    get_values = _make_getter(names)
    return CompiledStatement(
        str(compiled), names, columns, get_values, defaults, binders, readers, is_change
    )


def _make_getter(names: Sequence[str]) -> Callable[[Parameters], Sequence[Any]]:
    """Return a function that returns the values of these names in a mapping.

    For more than one name, it is ``itemgetter``, which is implemented in C.
    """
    if len(names) > 1:
        return itemgetter(*names)
    return lambda parameters: [parameters[name] for name in names]
