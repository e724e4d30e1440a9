"""Compiles SQLAlchemy Core statements to SQL text and value converters.

The result is cached per statement object and dialect, because statements are module-level constants
or results of cached functions.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Dialect, Executable
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

from taskstead.concurrency.cooperative import PIECE, yield_every
from taskstead.db.sql.assembly import (
    MARK,
    SLOT,
    AssembledStatement,
    CompiledCondition,
    Part,
    compile_condition,
)
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
    if isinstance(statement, AssembledStatement):
        return _assemble(statement, dialect)
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
    binders = () if is_postgresql else _list_binders([bind.type for bind in binds])
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


def _list_binders(types: Iterable[TypeEngine[Any]]) -> tuple[tuple[int, Converter], ...]:
    """Return the index and converter of each SQLite parameter whose value must be converted."""
    converters = enumerate(map(find_sqlite_binder, types))
    return tuple((index, convert) for index, convert in converters if convert is not None)


def _assemble(statement: AssembledStatement, dialect: Dialect) -> CompiledStatement:
    """Replace the placeholder of a statement by its conditions.

    Raises:
        TypeError: the statement does not contain the placeholder once, or a question mark that is
            no parameter.
    """
    base = compile_statement(statement.statement, dialect)
    before, *after = base.sql.split(MARK)
    if len(after) != 1:
        raise TypeError(f"{base.sql} does not contain the placeholder once")
    conditions = _Conditions(base.names, is_numbered=dialect.name == "postgresql")
    for part in statement.parts:
        conditions.add(part, statement)
    names, binders = conditions.names, base.binders
    if not conditions.is_numbered:
        if base.sql.count("?") != len(base.names):
            raise TypeError(f"{base.sql} contains a question mark that is no parameter")
        position, count = before.count("?"), len(conditions.names)
        names = [*base.names[:position], *conditions.names, *base.names[position:]]
        binders = (
            *(binder for binder in base.binders if binder[0] < position),
            *((i + position, bind) for i, bind in _list_binders(conditions.types)),
            *((i + count, bind) for i, bind in base.binders if i >= position),
        )
    return replace(
        base,
        sql=f"{before}{''.join(conditions.texts)}{after[0]}",
        names=tuple(names),
        get_values=_make_getter(names),
        defaults={**base.defaults, **conditions.constants},
        binders=binders,
    )


class _Conditions:
    """The text and the parameters of the conditions of an assembled statement.

    Args:
        names: the names of the parameters of the statement without its conditions.
        is_numbered: whether a placeholder is the number of a parameter (PostgreSQL). Then
            ``names`` are those of the whole statement. Otherwise they are those of the conditions.
    """

    def __init__(self, names: Sequence[str], *, is_numbered: bool) -> None:
        self.texts: list[str] = []
        self.types: list[TypeEngine[Any]] = []
        self.constants: dict[str, Any] = {}
        self.is_numbered = is_numbered
        self.names = list(names) if is_numbered else []
        self._numbers = {name: number for number, name in enumerate(names, 1)}

    def add(self, part: str | Part, statement: AssembledStatement) -> None:
        """Add a text or a condition."""
        if isinstance(part, str):
            self.texts.append(part)
            return
        dialect = "postgresql" if self.is_numbered else "sqlite"
        compiled = compile_condition(part.condition, statement.source, dialect)
        self.types += compiled.types
        self.texts.append(compiled.texts[0])
        for name, text in zip(compiled.names, compiled.texts[1:], strict=True):
            self.texts += (self._add_parameter(part, compiled, name), text)

    def _add_parameter(self, part: Part, compiled: CompiledCondition, name: str) -> str:
        """Return the placeholder of a parameter."""
        if name in compiled.constants:
            value = compiled.constants[name]
            name = f"{part.name}.{name}"
            self.constants[name] = value
        elif name.startswith(SLOT):
            name = part.slot + name.removeprefix(SLOT)
        if not self.is_numbered:
            self.names.append(name)
            return "?"
        if name not in self._numbers:
            self.names.append(name)
            self._numbers[name] = len(self.names)
        return f"${self._numbers[name]}"


def _make_getter(names: Sequence[str]) -> Callable[[Parameters], Sequence[Any]]:
    """Return a function that returns the values of these names in a mapping.

    For more than one name, it is ``itemgetter``, which is implemented in C.
    """
    if len(names) > 1:
        return itemgetter(*names)
    return lambda parameters: [parameters[name] for name in names]
