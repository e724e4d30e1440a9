"""Compiles Core statements to SQL text and converters, once per statement and dialect in a process.

Statements are module-level constants or come from cached functions, so the cache is keyed by
identity.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
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
# SQLite has known TRUE and FALSE since 3.23; without this, conditions are written "… = 1".
SQLITE.supports_native_boolean = True
POSTGRESQL: Dialect = asyncpg.dialect()  # type: ignore[no-untyped-call]

# Bounded, because listings are built from the filters that clients send.
_CACHE_SIZE = 2048

_REQUIRED = object()


@dataclass(frozen=True, slots=True)
class CompiledStatement:
    """A statement as a driver takes it.

    Attributes:
        sql: the text, with positional placeholders.
        columns: the names of the result columns, in order; empty without a result.
        binders: for each placeholder its parameter's name, converter or None, and default.
        readers: position and converter of the result columns that need one.
        is_change: it is an INSERT, UPDATE or DELETE.
    """

    sql: str
    columns: tuple[str, ...]
    binders: tuple[tuple[str, type_of | None, Any], ...]
    readers: tuple[tuple[int, type_of], ...]
    is_change: bool = False

    def bind(self, parameters: Parameters) -> list[Any]:
        """Return the values in the order of the placeholders.

        Raises:
            KeyError: a parameter that the statement needs is not given.
        """
        values = []
        for name, convert, default in self.binders:
            value = parameters[name] if default is _REQUIRED else parameters.get(name, default)
            values.append(value if convert is None or value is None else convert(value))
        return values

    async def read_all(self, found: Sequence[Any]) -> list[Row]:
        """Return result rows by column name, many of them in pieces."""
        if len(found) <= PIECE:
            return [self.read(values) for values in found]
        return [self.read(values) async for values in yield_every(found)]

    def read(self, values: Sequence[Any]) -> Row:
        """Return a result row by column name.

        Raises:
            DatabaseDamagedError: a value is none that was ever written.
        """
        row = dict(zip(self.columns, values, strict=True))
        try:
            for index, convert in self.readers:
                value = values[index]
                if value is not None:
                    row[self.columns[index]] = convert(value)
        except (ValueError, TypeError) as error:
            raise DatabaseDamagedError("a value cannot be decoded") from error
        return row


class Compiler(Protocol):
    """What a transaction needs of the database that it belongs to.

    Attributes:
        meter: counts its statements.
    """

    meter: Meter

    def compile(self, statement: Executable) -> CompiledStatement:
        """Return the compiled statement."""


class LoneCompiler:
    """Compiler for a transaction on a connection that belongs to no open database."""

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
        TypeError: it is not a statement with parameters, or has an expanding ``IN`` list.
    """
    compiled = statement.compile(dialect=dialect)  # type: ignore[attr-defined]
    if not isinstance(compiled, SQLCompiler):
        raise TypeError(f"{statement!r} is not a statement with parameters")
    if compiled.post_compile_params:
        raise TypeError(
            f"{compiled} has a list that grows with its values: use is_any_of() or or_()"
        )
    native = dialect.name == "postgresql"
    binders = []
    for name in compiled.positiontup or ():
        bind = compiled.binds[name]
        convert = None if native else find_sqlite_binder(bind.type)
        binders.append((name, convert, _REQUIRED if bind.required else bind.value))
    exported = getattr(statement, "exported_columns", ())
    columns = tuple(column.key for column in exported)
    kinds = [] if native else [find_sqlite_reader(column.type) for column in exported]
    readers = tuple((index, read) for index, read in enumerate(kinds) if read is not None)
    is_change = compiled.isinsert or compiled.isupdate or compiled.isdelete
    return CompiledStatement(str(compiled), columns, tuple(binders), readers, is_change)
