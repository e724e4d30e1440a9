"""Column types and their representation in each dialect.

PostgreSQL has a native type for each of them, and asyncpg converts the values. SQLite stores only
text, numbers and bytes, so this module converts the values for SQLite.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Boolean, Dialect, LargeBinary, Text
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeDecorator, TypeEngine

from taskstead.clock import render_instant

Converter = Callable[[Any], Any]

encode_json: Callable[[Any], str] = lambda value: msgspec.json.encode(value).decode()  # noqa: E731
decode_json: Callable[[str], Any] = msgspec.json.decode


class Id(TypeDecorator[str]):
    """A UUID as canonical lower-case text. PostgreSQL: ``uuid``. SQLite: text."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the type for the dialect."""
        if dialect.name == "postgresql":
            return postgresql.UUID(as_uuid=False)
        return Text()


class Instant(TypeDecorator[Any]):
    """An aware UTC datetime. PostgreSQL: ``timestamptz``. SQLite: sortable RFC 3339 text."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the type for the dialect."""
        if dialect.name == "postgresql":
            return postgresql.TIMESTAMP(timezone=True)
        return Text()


class Json(TypeDecorator[Any]):
    """Any JSON value. PostgreSQL: ``jsonb``. SQLite: text."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the type for the dialect."""
        if dialect.name == "postgresql":
            return postgresql.JSONB()
        return Text()


class ListOf(TypeDecorator[Any]):
    """A list, for parameters and for ``array_of``. PostgreSQL: array. SQLite: JSON text."""

    impl = Text
    cache_ok = True

    def __init__(self, item: TypeEngine[Any]) -> None:
        super().__init__()
        self.item = item

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the type for the dialect."""
        if dialect.name == "postgresql":
            return postgresql.ARRAY(self.item)
        return Text()


class SortKey(TypeDecorator[str]):
    """Text that sorts byte by byte, independent of the database's locale."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the type for the dialect. SQLite compares bytes by default."""
        return Text(collation="C") if dialect.name == "postgresql" else Text()


Hash = LargeBinary

SQLITE_BINDERS: dict[type[TypeEngine[Any]], Converter] = {
    Instant: render_instant,
    Json: encode_json,
    ListOf: encode_json,
}
SQLITE_READERS: dict[type[TypeEngine[Any]], Converter] = {
    # render_instant always writes UTC with an explicit offset.
    Instant: datetime.fromisoformat,
    Json: decode_json,
    ListOf: decode_json,
    Boolean: bool,
}


def find_sqlite_binder(kind: TypeEngine[Any]) -> Converter | None:
    """Return the converter of parameters to SQLite values; None if they need no conversion."""
    item = SQLITE_BINDERS.get(type(kind.item)) if isinstance(kind, ListOf) else None
    if item is None:
        return SQLITE_BINDERS.get(type(kind))
    return lambda values: encode_json([item(value) for value in values])


def find_sqlite_reader(kind: TypeEngine[Any]) -> Converter | None:
    """Return the converter of SQLite values to results; None if they need no conversion."""
    item = SQLITE_READERS.get(type(kind.item)) if isinstance(kind, ListOf) else None
    if item is None:
        return SQLITE_READERS.get(type(kind))
    return lambda text: [None if value is None else item(value) for value in decode_json(text)]
