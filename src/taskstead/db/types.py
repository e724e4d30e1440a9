"""Column types, and how SQLite, which has only text, numbers and bytes, holds them.

PostgreSQL has a native type for each and asyncpg converts it; SQLite gets a pair of converters.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Boolean, Dialect, LargeBinary, String, Text
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeDecorator, TypeEngine

from taskstead.clock import render_instant

type_of = Callable[[Any], Any]

encode_json: Callable[[Any], str] = lambda value: msgspec.json.encode(value).decode()  # noqa: E731
decode_json: Callable[[str], Any] = msgspec.json.decode


class Id(TypeDecorator[str]):
    """A UUID as canonical lower-case text; a ``uuid`` on PostgreSQL, text on SQLite."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Pick the native type."""
        if dialect.name == "postgresql":
            return postgresql.UUID(as_uuid=False)
        return Text()


class Instant(TypeDecorator[Any]):
    """An aware UTC datetime; ``timestamptz`` on PostgreSQL, RFC 3339 text that sorts on SQLite."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Pick the native type."""
        if dialect.name == "postgresql":
            return postgresql.TIMESTAMP(timezone=True)
        return Text()


class Json(TypeDecorator[Any]):
    """Anything JSON can say; ``jsonb`` on PostgreSQL, text on SQLite."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Pick the native type."""
        if dialect.name == "postgresql":
            return postgresql.JSONB()
        return Text()


class ListOf(TypeDecorator[Any]):
    """A list, as a parameter or as the result of :class:`array_of`; an array or JSON text."""

    impl = Text
    cache_ok = True

    def __init__(self, item: TypeEngine[Any]) -> None:
        super().__init__()
        self.item = item

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Pick the native type."""
        if dialect.name == "postgresql":
            return postgresql.ARRAY(self.item)
        return Text()


class SortKey(TypeDecorator[str]):
    """Text compared byte by byte, whatever the locale of the database."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Pick the native type; SQLite compares bytes anyway."""
        return Text(collation="C") if dialect.name == "postgresql" else Text()


Hash = LargeBinary
ShortText = String

SQLITE_BINDERS: dict[type[TypeEngine[Any]], type_of] = {
    Instant: render_instant,
    Json: encode_json,
    ListOf: encode_json,
}
SQLITE_READERS: dict[type[TypeEngine[Any]], type_of] = {
    # Written by render_instant, so always in UTC and said so.
    Instant: datetime.fromisoformat,
    Json: decode_json,
    ListOf: decode_json,
    Boolean: bool,
}


def find_sqlite_binder(kind: TypeEngine[Any]) -> type_of | None:
    """Return what makes a parameter of this type into what SQLite holds; None for nothing."""
    item = SQLITE_BINDERS.get(type(kind.item)) if isinstance(kind, ListOf) else None
    if item is None:
        return SQLITE_BINDERS.get(type(kind))
    return lambda values: encode_json([item(value) for value in values])


def find_sqlite_reader(kind: TypeEngine[Any]) -> type_of | None:
    """Return what makes a result of this type out of what SQLite holds; None for nothing."""
    item = SQLITE_READERS.get(type(kind.item)) if isinstance(kind, ListOf) else None
    if item is None:
        return SQLITE_READERS.get(type(kind))
    return lambda text: [None if value is None else item(value) for value in decode_json(text)]
