"""The check that a row type has exactly the columns of its statement."""

from typing import NotRequired, TypedDict

import pytest
from sqlalchemy import column, select, table

from taskstead.db.sql.query import Query

_ENTRIES = table("entries", column("id"), column("name"), column("text"))


class EntryRow(TypedDict):
    """A row with an optional column."""

    id: str
    name: str
    text: NotRequired[str]


def test_optional_column_may_be_missing() -> None:
    for columns in (("id", "name"), ("id", "name", "text")):
        statement = select(*(_ENTRIES.c[name] for name in columns))
        assert Query(EntryRow, statement).statement is statement


def test_wrong_columns_are_rejected() -> None:
    with pytest.raises(TypeError, match=r"EntryRow .* without a column: \['name'\]"):
        Query(EntryRow, select(_ENTRIES.c.id))
    with pytest.raises(TypeError, match=r"EntryRow .* without a key: \['size'\]"):
        Query(EntryRow, select(_ENTRIES.c.id, _ENTRIES.c.name, column("size")))
