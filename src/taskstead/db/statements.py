"""Compiles Core statements to SQL text and converters, once per statement and dialect in a process.

The cache is keyed by the identity of the statement, because statements are module-level constants
or results of cached functions.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any, Protocol

from sqlalchemy import Dialect, Executable
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.sql.compiler import SQLCompiler

from taskstead.cooperative import PIECE, yield_every
from taskstead.db.types import find_sqlite_binder, find_sqlite_reader, type_of
from taskstead.errors import DatabaseDamagedError
from taskstead.telemetry.statements import Meter

Parameters = Mapping[str, Any]
Row = dict[str, Any]

SQLITE: Dialect = sqlite.dialect(paramstyle="qmark")
# SQLite supports TRUE and FALSE since 3.23. Without this, SQLAlchemy writes conditions as "… = 1".
SQLITE.supports_native_boolean = True
POSTGRESQL: Dialect = asyncpg.dialect()  # type: ignore[no-untyped-call]

# Bounded, because clients' filters determine the statements of listings.
_CACHE_SIZE = 2048


@dataclass(frozen=True, slots=True)
class CompiledStatement:
    """A statement in the form that the driver needs.

    Attributes:
        sql: the text, with positional placeholders.
        names: the parameter of each placeholder, in order.
        columns: the names of the result columns, in order; empty if there is no result.
        get_values: returns the values of all placeholders from a mapping of parameters.
        defaults: values of the parameters that are optional.
        binders: the position and converter of each placeholder that needs conversion.
        readers: the name and converter of each result column that needs conversion.
        is_change: whether it is an INSERT, UPDATE or DELETE.
    """

    sql: str
    names: tuple[str, ...]
    columns: tuple[str, ...]
    get_values: Callable[[Parameters], Sequence[Any]]
    defaults: Parameters
    binders: tuple[tuple[int, type_of], ...]
    readers: tuple[tuple[str, type_of], ...]
    is_change: bool = False

    def bind(self, parameters: Parameters) -> list[Any]:
        """Return the values in the order of the placeholders.

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

    async def read_all(self, found: Sequence[Any]) -> list[Row]:
        """Return many result rows; see :meth:`read`. Yields to the event loop in between."""
        if len(found) <= PIECE:
            return [self.read(values) for values in found]
        return [self.read(values) async for values in yield_every(found)]

    def read(self, values: Sequence[Any]) -> Row:
        """Return a result row as a mapping by column name.

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


class Compiler(Protocol):
    """The part of a database that a transaction uses.

    Attributes:
        meter: statistics of statements.
    """

    meter: Meter

    def compile(self, statement: Executable) -> CompiledStatement:
        """Return the compiled statement."""


class StandaloneCompiler:
    """Compiler for a transaction on a connection without a ``Database`` object."""

    def __init__(self, dialect: Dialect) -> None:
        self.meter = Meter()
        self._dialect = dialect

    def compile(self, statement: Executable) -> CompiledStatement:
        """Return the compiled statement."""
        return compile_statement(statement, self._dialect)


@lru_cache(_CACHE_SIZE)
def compile_statement(statement: Executable, dialect: Dialect) -> CompiledStatement:
    """Compile a statement, or return the cached result.

    Raises:
        TypeError: it is not a SQL statement, or it has an ``IN`` list of variable length.
    """
    compiled = statement.compile(dialect=dialect)  # type: ignore[attr-defined]
    if not isinstance(compiled, SQLCompiler):
        raise TypeError(f"{statement!r} is not a statement with parameters")
    if compiled.post_compile_params:
        raise TypeError(f"{compiled} has an IN list of variable length: use is_any_of() or or_()")
    native = dialect.name == "postgresql"
    names = tuple(compiled.positiontup or ())
    binds = [compiled.binds[name] for name in names]
    defaults = {
        name: bind.value for name, bind in zip(names, binds, strict=True) if not bind.required
    }
    kinds = [] if native else [find_sqlite_binder(bind.type) for bind in binds]
    binders = tuple((index, convert) for index, convert in enumerate(kinds) if convert is not None)
    exported = getattr(statement, "exported_columns", ())
    columns = tuple(column.key for column in exported)
    found = [] if native else [(column.key, find_sqlite_reader(column.type)) for column in exported]
    readers = tuple((name, read) for name, read in found if read is not None)
    is_change = compiled.isinsert or compiled.isupdate or compiled.isdelete
    get_values = _make_getter(names)
    return CompiledStatement(
        str(compiled), names, columns, get_values, defaults, binders, readers, is_change
    )


def _make_getter(names: Sequence[str]) -> Callable[[Parameters], Sequence[Any]]:
    """Return a function that looks up these names in a mapping, in C where that is possible."""
    if len(names) > 1:
        return itemgetter(*names)
    return lambda parameters: [parameters[name] for name in names]
